"""Static figures: what is drawn, what is said about it, and what is refused."""

import base64
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from genlab import datasets, plots


def drawn(ax):
    """Draw for real: much of what is wrong with a figure shows only then."""
    FigureCanvasAgg(ax.figure).draw()


def history(steps=1000, members=None):
    index = pd.Index(range(1, steps + 1), name="step")
    down = 1 / np.sqrt(np.arange(1, steps + 1))
    if members is None:
        return pd.DataFrame({"loss_d": down, "loss_g": 1 - down}, index=index)
    return pd.DataFrame({("loss_d", k): down + k for k in range(members)}, index=index)


def test_drawing_needs_neither_pyplot_nor_seaborn():
    code = (
        "import sys; from genlab import plots; plots.points(plots.axes(), [[0, 1], [2, 3]]); "
        "print([m for m in sys.modules if m in ('matplotlib.pyplot', 'seaborn')])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_axes_come_alone_or_to_unpack():
    assert isinstance(plots.axes(), Axes)
    left, right = plots.axes(2)
    assert left.figure is right.figure
    assert len(plots.axes(2, rows=3)) == 6


def test_labels_are_drawn_where_their_points_are():
    x, y = np.array([[0.0, 1.0], [2.0, 3.0], [2.0, 1.0]]), [4, 0, 4]
    ax = plots.labelled(plots.axes(), x, torch.tensor(y), title="codes")
    assert [(text.get_text(), text.get_position()) for text in ax.texts] == [
        ("4", (0, 1)),
        ("0", (2, 3)),
        ("4", (2, 1)),
    ]
    assert ax.texts[0].get_color() == ax.texts[2].get_color() != ax.texts[1].get_color()
    assert "4 at (1, 1)" in plots.describe(ax) and ax.get_xlim()[1] > 2
    assert "Scatter plot" in plots.describe(plots.labelled(plots.axes(), x))
    with pytest.raises(ValueError, match=r"shape \(3, 3\)"):
        plots.labelled(plots.axes(), np.zeros((3, 3)), y)


def test_points_differ_in_shape_and_colour():
    data = datasets.ring()
    ax = plots.axes()
    assert plots.points(ax, data.x[:300], data.x[300:400] + 1) is ax
    real, made = ax.collections
    assert (len(real.get_offsets()), len(made.get_offsets())) == (300, 100)
    assert not np.array_equal(real.get_paths()[0].vertices, made.get_paths()[0].vertices)
    assert tuple(real.get_edgecolor()[0][:3]) == pytest.approx(to_rgb(plots.BLUE))
    assert "300 real points" in plots.describe(ax) and "100 made points" in plots.describe(ax)
    drawn(ax)


def test_intervals_stand_beside_nil_and_are_told():
    table = pd.DataFrame({"VAE": [0.02, -0.01], "GAN": [0.0, -0.03]}, index=pd.Index([20, 50], name="real rows"))
    ax = plots.intervals(plots.axes(), table, table - 0.01, table + 0.02, ylabel="gain", title="digits")
    text = plots.describe(ax)
    assert "VAE: 20 0.02 (0.01 to 0.04), 50 -0.01 (-0.02 to 0.01)" in text and "GAN" in text
    assert ax.get_xlabel() == "real rows" and [label.get_text() for label in ax.get_xticklabels()] == ["20", "50"]
    (first, second) = ax.containers
    assert first.lines[0].get_ydata().tolist() == [0.02, -0.01]
    assert first.lines[0].get_marker() != second.lines[0].get_marker()
    ends = np.array(first.lines[2][0].get_segments())[:, :, 1]
    assert ends == pytest.approx(np.array([[0.01, 0.04], [-0.02, 0.01]]))
    drawn(ax)


def test_seven_intervals_are_of_seven_colours_and_shapes():
    table = pd.DataFrame({f"arm {i}": [0.01 * i] for i in range(7)}, index=[500])
    lines = [bar.lines[0] for bar in plots.intervals(plots.axes(), table, table - 0.01, table + 0.01).containers]
    assert len({line.get_color() for line in lines}) == len({line.get_marker() for line in lines}) == 7


def test_images_are_laid_out_in_rows_with_gaps_and_nothing_lost():
    x = torch.arange(1, 8).reshape(7, 1, 1, 1).expand(7, 1, 8, 8).float()
    ax = plots.images(plots.axes(), x, columns=3, limits=(0, 16), labels=range(7))
    sheet = ax.images[0].get_array().filled(np.nan)
    values, counts = np.unique(sheet[~np.isnan(sheet)], return_counts=True)
    assert values.tolist() == list(range(1, 8)) and set(counts) == {64}
    assert ax.images[0].get_clim() == (0, 16)
    assert [text.get_text() for text in ax.texts] == list("0123456")
    assert "7 images of 8 by 8 pixels in 3 row(s) of 3, labelled 0 1 2" in plots.describe(ax)
    drawn(ax)


def test_rows_of_images_are_named():
    x = torch.rand(5, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    ax = plots.images(plots.axes(), x, columns=3, rows=["made", "real"])
    assert [text.get_text() for text in ax.texts] == ["made", "real"]
    assert plots.describe(ax).endswith("the rows are: made; real.")
    with pytest.raises(ValueError, match=r"rows: 1 given for 5 images in 2 row\(s\): needs 2"):
        plots.images(plots.axes(), x, columns=3, rows=["made"])


def test_equal_images_can_be_drawn():
    drawn(plots.images(plots.axes(), torch.zeros(2, 1, 8, 8)))


def test_curves_draw_smooth_lines_floor_and_marks():
    ax = plots.curves(plots.axes(), history(), floor=0.25, log=[(500, "lr_g", 0.001, 0.1), (600, "loss", "a", "b")])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["loss_d", "loss_g", "real data: 0.25"]
    assert [text.get_text() for text in ax.texts] == ["lr_g 0.001 → 0.1", "loss a → b"]
    solid, dashed = (line for line in ax.lines if line.get_label() in ("loss_d", "loss_g"))
    assert solid.get_linestyle() != dashed.get_linestyle() and solid.get_color() != dashed.get_color()
    said = plots.describe(ax)
    assert (
        "over step 1 to 1000" in said
        and "real data score 0.25" in said
        and "at step 500 lr_g changed from 0.001 to 0.1" in said
    )
    drawn(ax)


def test_curves_of_a_stack_show_median_and_band():
    ax = plots.curves(plots.axes(), history(steps=100, members=3))
    assert len(ax.collections) == 1 and len(ax.lines) == 1
    assert ax.lines[0].get_ydata()[-1] == pytest.approx(1.1)  # members are 0.1, 1.1, 2.1 at the end
    drawn(ax)


def test_curves_pass_over_gaps():
    table = history(steps=10)
    table.loc[table.index % 3 != 0, "loss_g"] = np.nan  # a generator that learns every third step
    ax = plots.curves(plots.axes(), table, names=["loss_g"])
    assert ax.lines[0].get_xdata().tolist() == [3, 6, 9] and ax.get_ylabel() == "loss_g"


def test_curves_refuse_what_is_not_there():
    with pytest.raises(ValueError, match="no column"):
        plots.curves(plots.axes(), history(), names=["frechet"])
    with pytest.raises(ValueError, match="0 rows"):
        plots.curves(plots.axes(), history().iloc[:0])


def test_belief_is_drawn_the_right_way_up():
    ax = plots.axes()
    plots.belief(ax, lambda x: 10 * (x[:, 0] > 0) * (x[:, 1] > 1) - 5.0, (-2, 2, 0, 4))
    shown = ax.images[0]
    assert shown.get_extent() == [-2, 2, 0, 4] and shown.origin == "lower"
    real = shown.get_array()
    assert real[-1, -1] > 0.9 and real[-1, 0] < 0.1 and real[0, -1] < 0.1
    assert "above one half on 38 % of the area" in plots.describe(ax)  # half of the width, three quarters of the height
    drawn(ax)


def test_bars_say_their_numbers():
    ax = plots.bars(plots.axes(), {"without": 0.5, "with": 0.75}, floor=0.9, errors={"with": 0.1, "without": 0.05})
    assert [bar.get_height() for bar in ax.patches] == [0.5, 0.75]
    assert [text.get_text() for text in ax.texts] == ["0.5", "0.75"]
    assert plots.describe(ax) == "Bar chart: without 0.5, with 0.75; real data 0.9."
    drawn(ax)


def test_bars_of_a_table_are_grouped_with_a_pattern_each():
    ax = plots.bars(plots.axes(), pd.DataFrame({"r1": [1, 2], "gp": [3, 4]}, index=["a", "b"]))
    assert len({bar.get_hatch() for bar in ax.patches}) == 2
    assert "r1: a 1, b 2; gp: a 3, b 4" in plots.describe(ax)
    drawn(ax)


def test_a_grid_is_called_by_numbers_or_by_words():
    table = pd.DataFrame([[0.0, 1.0], [0.5, np.nan]], index=["first row", "b"], columns=["k = 5", "names removed"])
    ax = plots.axes()
    plots.heat(ax, table.rename_axis(index="attack", columns="way"), label="risk")
    assert [label.get_text() for label in ax.get_xticklabels()] == ["k = 5", "names\nremoved"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["first row", "b"]
    assert [text.get_text() for text in ax.texts] == ["0", "1", "0.5", ""]
    assert "attack first row: 0, 1; attack b: 0.5, missing" in plots.describe(ax)
    table = pd.DataFrame([[0.25]], index=[0.001], columns=[16.0]).rename_axis(index="lr", columns="hidden")
    ax = plots.axes()
    plots.heat(ax, table, label="share")
    assert ax.get_xticklabels()[0].get_text() == "16" and "lr 0.001: 0.25" in plots.describe(ax)


def test_descriptions_add_up():
    left, right = plots.axes(2)
    plots.belief(left, lambda x: x[:, 0])
    plots.points(left, [[0, 0], [1, 1]], title="A map")
    plots.bars(right, {"a": 1})
    said = plots.describe(left.figure)
    assert said.index("Map of") < said.index("A map: Scatter plot") < said.index("Bar chart")


def test_show_gives_a_picture_with_escaped_text_and_closes_it(monkeypatch):
    import IPython.display
    import matplotlib.pyplot as plt

    pages = []
    monkeypatch.setattr(IPython.display, "display", pages.append)
    _, ax = plt.subplots()
    plots.bars(ax, {'<script>alert("1")</script>': 1})
    plots.show(ax)
    assert not plt.get_fignums()
    page = pages[0].data
    alt, source = re.fullmatch(r'<img alt="([^"]*)" style="[^"]*" src="data:image/png;base64,([^"]*)">', page).groups()
    assert "&lt;script&gt;" in alt and "<" not in alt
    assert base64.b64decode(source).startswith(b"\x89PNG")


def test_show_asks_for_a_description():
    ax = plots.axes()
    ax.plot([1, 2])
    with pytest.raises(ValueError, match="no description"):
        plots.show(ax)
    plots.describe(ax, "A line that rises.")
    assert plots.describe(ax.figure) == "A line that rises."


@pytest.mark.parametrize("x", [torch.zeros(5, 3), torch.zeros(0, 2), torch.zeros(4)])
def test_points_refuse_other_shapes(x):
    with pytest.raises(ValueError, match="rows of two numbers"):
        plots.points(plots.axes(), x)


def test_images_refuse_other_shapes():
    with pytest.raises(ValueError, match=r"shape \(5, 8, 8\) cannot be drawn: needs images"):
        plots.images(plots.axes(), torch.zeros(5, 8, 8))
