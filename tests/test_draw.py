"""gl.draw without a browser: what a page sends becomes digits as MNIST has them, and nonsense changes nothing."""

import numpy as np
import pytest

import genlab as gl

BAR = np.zeros((28, 28), np.uint8)
BAR[2:12, 3:5] = 200  # a small upright bar in the upper left


def heard(drawing, *pads):
    """What a page would have sent."""
    drawing._pads.set_state({"ink": memoryview(np.stack(pads).astype(np.uint8).tobytes())})


def test_nothing_is_drawn_at_first():
    drawing = gl.draw(n=3)
    assert drawing.x.shape == (0, 28, 28) and drawing.pads.shape == (3, 28, 28) and not drawing.drawn.any()
    assert repr(drawing) == "Drawing(0 of 3 pads drawn on)"


def test_what_is_drawn_arrives_pixel_by_pixel_and_empty_pads_are_left_out():
    drawing = gl.draw(n=3)
    heard(drawing, BAR, np.zeros((28, 28)), BAR.T)
    assert (drawing.pads == np.stack([BAR, 0 * BAR, BAR.T])).all() and drawing.drawn.tolist() == [True, False, True]
    assert drawing.x.shape == (2, 28, 28) and drawing.x.dtype == np.uint8
    drawing.clear()
    assert not drawing.drawn.any()


@pytest.mark.parametrize("place", [(0, 0), (10, 20), (14, 3)])
def test_a_digit_is_brought_to_the_size_and_place_of_mnist(place):
    pad = np.zeros((28, 28), np.uint8)
    pad[place[0] : place[0] + 10, place[1] : place[1] + 4] = 255
    drawing = gl.draw(n=1)
    heard(drawing, pad)
    (x,) = drawing.x
    rows, columns = np.nonzero(x)
    assert np.ptp(rows) + 1 == 20 and np.ptp(columns) + 1 == 8  # the longer side has 20 pixels, the shape is kept
    assert abs(rows.mean() - 13.5) <= 1 and abs(columns.mean() - 13.5) <= 1
    wide = np.nonzero(gl.datasets.mnist().x.numpy()[:500, 0].max((0, 1)))[0]
    assert wide.min() <= columns.min() and columns.max() <= wide.max()


@pytest.mark.parametrize("pixel", [(0, 0), (27, 27), (13, 13)])
def test_a_dot_is_a_digit_too(pixel):
    pad = np.zeros((28, 28), np.uint8)
    pad[pixel] = 255
    drawing = gl.draw(n=1)
    heard(drawing, pad)
    assert drawing.x.shape == (1, 28, 28) and drawing.x.any()


def test_all_ink_far_from_its_centre_is_kept_on_the_sheet():
    pad = np.zeros((28, 28), np.uint8)
    pad[:, 0], pad[0, :] = 255, 1  # heavy on the left, faint far to the right
    drawing = gl.draw(n=1)
    heard(drawing, pad)
    assert drawing.x.shape == (1, 28, 28) and drawing.x.max() == 255


def test_what_does_not_fill_the_pads_changes_nothing():
    drawing = gl.draw(n=2)
    heard(drawing, BAR, BAR)
    for nonsense in (b"", b"\1" * 10, bytes(3 * 784)):
        drawing._pads.set_state({"ink": memoryview(nonsense)})
    assert drawing.drawn.all()


def test_a_copy_is_given():
    drawing = gl.draw(n=1)
    drawing.pads[:] = 255
    assert not drawing.drawn.any()


@pytest.mark.parametrize("n", [0, 13, 2.5, "3", None, True])
def test_pads_that_cannot_be(n):
    with pytest.raises(ValueError, match="n=.*must be a whole number of pads from 1 to 12"):
        gl.draw(n=n)


def test_a_digit_of_mnist_drawn_on_a_pad_comes_back_as_it_was():
    real = gl.datasets.mnist("test").x[::100, 0].numpy()
    drawing = gl.draw(n=len(real))
    heard(drawing, *real)
    ink, moved = real.sum((1, 2)), drawing.x.astype(float)
    assert np.abs(moved.sum((1, 2)) / ink - 1).max() < 0.15  # as much ink, at the same size
    assert np.corrcoef(moved.ravel(), real.ravel())[0, 1] > 0.9
