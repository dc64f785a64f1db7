"""A reader's own pictures and lines: small, grey, coded; what cannot be read is one clear error, sizes known beforehand."""

import numpy as np
import pytest
from PIL import Image

import genlab as gl
from genlab import own


@pytest.fixture
def folder(tmp_path):
    for name, ink in {"a.png": 0, "b.jpg": 255, "c.bmp": 128}.items():
        Image.new("RGB", (40, 20), (ink,) * 3).save(tmp_path / name)
    return tmp_path


def test_pictures_of_a_folder_are_small_and_dark_ink_is_high(folder):
    data = gl.datasets.pictures(folder, side=5, levels=3)
    assert data.x.shape == (3, 1, 5, 5) and [set(row.flatten().tolist()) for row in data.x] == [{2}, {0}, {1}]
    assert data.range == (0, 2) and data.levels == 3 and "left out" not in data.source
    (folder / "d.png").write_bytes(b"no picture")
    assert gl.datasets.pictures(folder).source.endswith("; 1 files that are no pictures were left out")
    gl.run(gl.Autoregressive(data, network="masked", hidden=8).steps(data), 2)


def test_pictures_of_an_archive(tmp_path):
    x = np.zeros((4, 16, 16))
    x[1:] = 10
    np.savez(tmp_path / "x.npz", images=x, labels=np.arange(4))
    data = gl.datasets.pictures(tmp_path / "x.npz")
    assert data.shape == (1, 8, 8) and data.x[0].eq(16).all() and data.x[1:].eq(0).all()


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        (dict(x=np.zeros((3, 4))), "holds 0 arrays"),
        (dict(x=np.zeros((3, 4, 4)), y=np.zeros((3, 4, 4))), "holds 2 arrays"),
        (dict(x=np.ones((3, 4, 4))), "not all alike"),
        (dict(x=np.full((3, 4, 4), np.nan)), "finite"),
        (dict(x=np.array([[[None]]])), "cannot be read"),
    ],
)
def test_an_archive_that_will_not_do(tmp_path, arrays, words):
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(ValueError, match=words):
        gl.datasets.pictures(tmp_path / "x.npz")


def test_sizes_are_known_before_anything_is_unpacked(folder, monkeypatch):
    np.savez_compressed(folder / "x.npz", x=np.zeros((10, 100, 100)))
    monkeypatch.setattr(own, "UNPACKED", 1000)
    with pytest.raises(ValueError, match="unpacked it has 80.,.* bytes: at most 1,000"):
        gl.datasets.pictures(folder / "x.npz")
    monkeypatch.setattr(own, "PIXELS", 100)
    with pytest.raises(ValueError, match="3 problem.*\n  a.png: 40 by 20 pixels, at most 100"):
        gl.datasets.pictures(folder)
    monkeypatch.setattr(own, "FILE", 10)
    with pytest.raises(ValueError, match="a.png: .* bytes, at most 10"):
        gl.datasets.pictures(folder)
    monkeypatch.setattr(own, "MOST", 2)
    with pytest.raises(ValueError, match="holds 3 pictures"):
        gl.datasets.pictures(folder)


def test_everything_wrong_with_pictures_is_told_at_once(tmp_path):
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(ValueError, match=r"3 problem\(s\)\n  side=2: .*\n  levels=0.5: .*\n  .*must be a folder"):
        gl.datasets.pictures(tmp_path / "x.txt", side=2, levels=0.5)


def test_lines_become_codes_and_come_back(tmp_path):
    path = tmp_path / "own.txt"
    path.write_text("ab\n\n  ba \nabcdefgh\n", "utf-8")
    data = gl.datasets.lines(path, length=5)
    assert data.text == ["ab", "ba", "abcd"] and data.symbols == "\nabcdefgh" and data.end == 0
    assert data.source.endswith("; 1 lines were cut to 4 characters")
    model = gl.Autoregressive(data, network="counts", context=1)
    gl.run(model.steps(data), 3)
    assert np.isfinite(model.bits(data).item())


@pytest.mark.parametrize(
    ("text", "length", "words"),
    [
        (b"one", 9, "1 lines: needs 2"),
        (b"\xff\xfe\x00", 9, "no text in UTF-8"),
        ("\n".join(map(chr, range(0x4E00, 0x4F00))).encode(), 9, "256 different characters"),
        (b"one\ntwo", 1, "length=1"),
        (None, 9, "no such file"),
    ],
)
def test_lines_that_will_not_do(tmp_path, text, length, words):
    if text is not None:
        (tmp_path / "own.txt").write_bytes(text)
    with pytest.raises(ValueError, match=words):
        gl.datasets.lines(tmp_path / "own.txt", length=length)


def test_a_damaged_archive_is_one_clear_error(tmp_path):
    path, rng = tmp_path / "x.npz", np.random.default_rng(0)
    np.savez_compressed(path, x=rng.normal(size=(20, 12, 12)))
    whole, told = path.read_bytes(), []
    for _ in range(60):
        broken = bytearray(whole)
        broken[rng.integers(len(whole))] ^= 1 << rng.integers(8)
        path.write_bytes(broken)
        try:
            gl.datasets.pictures(path)
        except ValueError as error:
            told.append(str(error))
    assert told and all(str(path) in text for text in told)
