"""Static figures: axes in, axes out, and a sentence that says what is to be seen.

Every function takes `ax` first, draws on it, and leaves a description there: :func:`describe` gives it back, and
:func:`show` puts it into the page as the picture's alternative text, for readers who do not see the picture. Colours
are those of Okabe and Ito (2008), which colour-blind readers can tell apart; shape or line style differs as well.
Moving pictures are in ``genlab.lab``.
"""

import base64
import colorsys
import html
import io
import itertools
import math
import sys
import textwrap

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
PALETTE = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
STYLES = ("-", "--", "-.", ":")
ROLES = {"loss_d": GREEN, "loss_g": VERMILION}  # a colour for each player, as in the lab
BELIEF = LinearSegmentedColormap.from_list("belief", [VERMILION, "white", BLUE])  # made, undecided, real
HATCHES = ("", "///", "...", "xxx", "\\\\\\", "ooo")


def axes(columns=1, *, rows=1, size=(4.0, 3.2)):
    """New axes of a new figure: one, or an array of rows * columns of them to unpack.

    Parameters
    ----------
    columns, rows : int
    size : (float, float)
        Width and height of one of them in inches.
    """
    figure = Figure(figsize=(size[0] * columns, size[1] * rows), layout="constrained")
    made = figure.subplots(rows, columns, squeeze=False).ravel()
    return made[0] if len(made) == 1 else made


def points(ax, real, fake=None, *, title=""):
    """Real rows (n, 2) as blue circles, made ones (m, 2) as vermilion crosses."""
    spans = []
    looks = (("real", real, dict(marker="o", s=9, facecolors="none", edgecolors=BLUE, linewidths=0.7)),
             ("made", fake, dict(marker="x", s=11, color=VERMILION, linewidths=0.8)))  # fmt: skip
    for name, x, look in looks:
        if x is None:
            continue
        x = _array(x, "rows of two numbers, shape (n, 2)", lambda shape: len(shape) == 2 and shape[1] == 2 and shape[0])
        ax.scatter(*x.T, alpha=0.6, label=name, **look)
        (left, low), (right, high) = x.min(0), x.max(0)
        spans.append(f"{len(x)} {name} points, x {left:.2g} to {right:.2g}, y {low:.2g} to {high:.2g}")
    ax.set_aspect("equal")
    if spans:
        ax.legend(loc="upper right", markerscale=1.8, framealpha=0.7)
    return _finish(ax, title, "Scatter plot: " + ("; ".join(spans) or "no points") + ".")


def labelled(ax, x, y=None, *, title=""):
    """Points (n, 2), each drawn as its label y (n,) in its label's colour; as small circles without labels."""
    x = _array(x, "rows of two numbers, shape (n, 2)", lambda shape: len(shape) == 2 and shape[1] == 2 and shape[0])
    if y is None:
        return points(ax, x, title=title)
    count = int(max(y)) + 1
    colours = [colorsys.hls_to_rgb(label / count, 0.36, 0.75) for label in range(count)]  # as in the lab's map
    for place, label in zip(x, y, strict=True):
        ax.text(*place, str(int(label)), color=colours[int(label)], fontsize=7, ha="center", va="center", clip_on=True)
    ax.update_datalim(x)
    ax.autoscale_view()
    ax.set_aspect("equal")
    middles = [f"{label} at ({', '.join(f'{v:.2g}' for v in x[[int(one) == label for one in y]].mean(0))})"
               for label in sorted({int(one) for one in y})]  # fmt: skip
    return _finish(ax, title, f"{len(x)} points drawn as their labels; middle of each: " + ", ".join(middles) + ".")


def images(ax, x, *, columns=10, limits=None, labels=None, rows=None, title=""):
    """Images (n, channels, height, width) in rows of `columns`, dark ink on white.

    Parameters
    ----------
    limits : (float, float), optional
        Values drawn white and black; without it the lowest and highest found.
    labels : sequence of n str or int, optional
        Written above the images.
    rows : sequence of str or int, optional
        Written to the left of each row.
    """
    x = _array(x, "images, shape (n, 1, height, width)", lambda shape: len(shape) == 4 and shape[1] == 1 and shape[0])
    (n, _, height, width), columns = x.shape, min(columns, len(x))
    down, gap = math.ceil(n / columns), 1 if labels is None else max(3, height // 2)
    for name, given, wanted in (("labels", labels, n), ("rows", rows, down)):
        if given is not None and len(given) != wanted:
            raise ValueError(f"{name}: {len(given)} given for {n} images in {down} row(s): needs {wanted}")
    low, high = limits or (x.min(), x.max())
    sheet = np.full((down * (height + gap), columns * (width + 1) - 1), np.nan)  # gaps between images stay empty
    for i, (image,) in enumerate(x):
        top, left = i // columns * (height + gap) + gap, i % columns * (width + 1)
        sheet[top : top + height, left : left + width] = image
        if labels is not None:
            ax.text(left + width / 2 - 0.5, top - 0.8, str(labels[i]), ha="center", va="bottom", fontsize=8)
        if rows is not None and not left:
            ax.text(-1.5, top + height / 2 - 0.5, str(rows[i // columns]), ha="right", va="center", fontsize=8)
    ax.imshow(sheet, cmap="Greys", vmin=low, vmax=high if high > low else low + 1, interpolation="nearest")
    ax.set_axis_off()
    named = "" if labels is None else ", labelled " + " ".join(map(str, labels))
    named += "" if rows is None else "; the rows are: " + "; ".join(map(str, rows))
    return _finish(ax, title, f"{n} images of {height} by {width} pixels in {down} row(s) of {columns}{named}.")


def curves(ax, history, *, names=None, floor=None, log=(), ylabel="", title=""):
    """Numbers by step, one line each; of a stack the median over its members, with the band from least to most.

    Parameters
    ----------
    history : DataFrame
        Indexed by step, or by what its index is named: a column each, or a column level for the members, as in
        ``run.history``. Where a curve has more than 200 points its running mean is drawn over it.
    names : sequence of str, optional
        Which columns; all without it.
    floor : float, optional
        What real data score, drawn as a dotted line.
    log : list of (step, name, old, new)
        Changes of knobs, as in ``model.log``, drawn as marks.
    """
    names = list(dict.fromkeys(history.columns.get_level_values(0))) if names is None else list(names)
    missing = [name for name in names if name not in history.columns]
    if missing or not len(history):
        raise ValueError(
            f"history has {len(history)} rows and no column {missing}; its columns: {list(history.columns)}"
        )
    told = []
    for name, color, style in zip(names, itertools.cycle(PALETTE), itertools.cycle(STYLES)):  # noqa: B905
        values, color = history[name].dropna(how="all"), ROLES.get(name, color)
        if values.ndim == 2:
            ax.fill_between(values.index, values.min(axis=1), values.max(axis=1), color=color, alpha=0.15, linewidth=0)
            values = values.median(axis=1)
        smooth = values
        if len(values) > 200:
            ax.plot(values.index, values, color=color, alpha=0.25, linewidth=0.5)
            smooth = values.rolling(len(values) // 40, min_periods=1, center=True).mean()
        look = dict(color=color, label=str(name), marker="o" if len(values) < 20 else None, markersize=4)
        ax.plot(smooth.index, smooth, style, **look)
        ends = f"{smooth.iloc[0]:.3g} to {smooth.iloc[-1]:.3g}"
        told.append(f"{name} goes from {ends} (lowest {smooth.min():.3g}, highest {smooth.max():.3g})")
    if floor is not None and not math.isnan(floor):
        ax.axhline(floor, color="0.3", linestyle=":", label=f"real data: {floor:.3g}")
        told.append(f"real data score {floor:.3g}")
    for step, name, old, new in log:
        ax.axvline(step, color="0.5", linewidth=0.8)
        text = f"{name} {old:g} → {new:g}" if isinstance(new, float | int) else f"{name} {old} → {new}"
        side = 1 if step - history.index[0] < (history.index[-1] - history.index[0]) / 20 else -1  # off the axis
        place = dict(xycoords=("data", "axes fraction"), xytext=(2 * side, 0), textcoords="offset points")
        ha = "left" if side > 0 else "right"
        ax.annotate(text, (step, 0.98), rotation=90, va="top", ha=ha, fontsize=8, **place)
        told.append(f"at step {step} {name} changed from {old} to {new}")
    over = history.index.name or "step"
    ax.set_xlabel(over)
    ax.set_ylabel(ylabel or (str(names[0]) if len(names) == 1 else ""))
    ax.legend()
    return _finish(
        ax, title, f"Line chart over {over} {history.index[0]:g} to {history.index[-1]:g}: " + "; ".join(told) + "."
    )


def belief(ax, score, limits=3.0, *, title=""):
    """The discriminator's map: how likely it takes each place of the plane to be real.

    Parameters
    ----------
    score : callable, or array (rows, columns)
        Points (n, 2) to scores (n,), such as ``gan.score``; their sigmoid is drawn. An array holds beliefs from 0 to 1,
        rows from the top.
    limits : float, or (left, right, low, high)
        The part of the plane; a number r stands for (-r, r, -r, r).
    """
    left, right, low, high = (-limits, limits, -limits, limits) if np.isscalar(limits) else limits
    if callable(score):
        side = 80
        place = torch.cartesian_prod(torch.linspace(low, high, side), torch.linspace(left, right, side)).flip(
            1
        )  # (x, y)
        real = torch.as_tensor(score(place)).detach().sigmoid().reshape(side, side).cpu().numpy()
    else:
        real = _array(score, "beliefs, shape (rows, columns)", lambda shape: len(shape) == 2 and min(shape) > 1)[::-1]
    drawn = ax.imshow(real, cmap=BELIEF, vmin=0, vmax=1, origin="lower", extent=(left, right, low, high), alpha=0.7)
    if real.min() < 0.5 < real.max():
        ax.contour(real, [0.5], extent=(left, right, low, high), colors="0.3", linewidths=0.8)
    ax.figure.colorbar(drawn, ax=ax, label="believed to be real", shrink=0.8)
    text = f"Map of the discriminator's belief that a place is real: from {real.min():.2f} to {real.max():.2f}, "
    return _finish(ax, title, text + f"above one half on {100 * (real > 0.5).mean():.0f} % of the area shown.")


def warped(ax, grid, *, title=""):
    """Where a generator puts a grid of noise: places (rows, columns, 2), joined to their neighbours by lines."""
    grid = _array(grid, "places, shape (rows, columns, 2)", lambda shape: len(shape) == 3 and shape[2] == 2)
    for lines in (grid, grid.swapaxes(0, 1)):
        for line in lines:
            ax.plot(*line.T, color=VERMILION, linewidth=0.6, alpha=0.6)
    rows, columns, _ = grid.shape
    return _finish(ax, title, f"Warped grid: where the generator puts {rows} by {columns} codes.")


def arrows(ax, pulls, *, title=""):
    """Short arrows from places in a direction: rows (n, 4) of x, y, and the way to go."""
    pulls = _array(pulls, "rows of four numbers, shape (n, 4)", lambda shape: len(shape) == 2 and shape[1] == 4)
    x, y, dx, dy = pulls.T
    heads = dict(headwidth=4, headlength=5, headaxislength=4.5, minshaft=1.5, width=0.004)
    ax.quiver(x, y, dx, dy, angles="xy", scale_units="xy", scale=1, color=PURPLE, **heads)
    ax.update_datalim(np.stack([x + dx, y + dy], 1))  # quiver counts only where arrows begin
    return _finish(ax, title, f"Short arrows from {len(pulls)} made points: where the discriminator draws each.")


def bars(ax, table, *, floor=None, errors=None, ylabel="", title=""):
    """A bar for each number: a dict or Series, or a DataFrame with a group of bars a row.

    Parameters
    ----------
    floor : float, optional
        What real data score, drawn as a dotted line.
    errors : like `table` for one number each, optional
        Half-length of an error bar.
    """
    import pandas as pd

    table = table if isinstance(table, pd.DataFrame) else pd.Series(table, dtype=float).to_frame()
    width, told = 0.8 / table.shape[1], []
    for i, (name, column) in enumerate(table.items()):
        where = np.arange(len(table)) + (i - (table.shape[1] - 1) / 2) * width
        reach = None if errors is None else np.asarray(pd.Series(errors).reindex(table.index), dtype=float)
        label = str(name) if table.shape[1] > 1 else None
        look = dict(color=PALETTE[i % 6], hatch=HATCHES[i % 6], edgecolor="white")
        drawn = ax.bar(where, column, width * 0.9, yerr=reach, capsize=3, label=label, **look)
        ax.bar_label(drawn, fmt="%.3g", fontsize=8, padding=1)
        told.append((f"{label}: " if label else "") + ", ".join(f"{row} {value:.3g}" for row, value in column.items()))
    if floor is not None and not math.isnan(floor):
        ax.axhline(floor, color="0.3", linestyle=":", label=f"real data: {floor:.3g}")
        told.append(f"real data {floor:.3g}")
    ax.set_xticks(np.arange(len(table)), [str(label) for label in table.index])
    ax.margins(y=0.12)
    ax.set_ylabel(ylabel)
    if ax.get_legend_handles_labels()[1]:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=4, frameon=False)
    return _finish(ax, title, "Bar chart: " + "; ".join(told) + ".")


def intervals(ax, table, low, high, *, ylabel="", title=""):
    """A mark for each number with its interval as a whisker, beside a line at 0: the rows below, the columns by shape.

    Parameters
    ----------
    table, low, high : DataFrame
        Of one shape: numbers, and the ends of their intervals.
    """
    width, told, marks, colours = 0.7 / table.shape[1], [], "osD^vPX*", (*PALETTE, "0.35")
    ax.axhline(0.0, color="0.3", linewidth=0.8)
    for i, name in enumerate(table):
        where = np.arange(len(table)) + (i - (table.shape[1] - 1) / 2) * width
        reach = np.stack([table[name] - low[name], high[name] - table[name]])
        look = dict(color=colours[i % 7], marker=marks[i % 8], markersize=5, linestyle="none", capsize=3, linewidth=1.2)
        ax.errorbar(where, table[name], yerr=reach, label=str(name), **look)
        each = zip(table.index, table[name], low[name], high[name], strict=True)
        told.append(f"{name}: " + ", ".join(f"{row} {value:.3g} ({a:.3g} to {b:.3g})" for row, value, a, b in each))
    ax.set_xticks(range(len(table)), [str(label) for label in table.index])
    ax.set_xlim(-0.5, len(table) - 0.5)
    ax.set(xlabel=table.index.name or "", ylabel=ylabel)
    return _finish(ax, title, "Numbers with intervals: " + "; ".join(told) + ".")


def dots(ax, groups, *, low=None, high=None, label="", title=""):
    """A row for each group of numbers, a dot a number: circles where it keeps the limits, crosses where it does not.

    Parameters
    ----------
    groups : dict of name -> sequence of float
    low, high : float, optional
        Limits, drawn as dashed lines; what is not finite keeps none, and is drawn at the edge.
    """
    low, high = (-math.inf if low is None else low), (math.inf if high is None else high)
    groups = {name: _array(values, "numbers, shape (n,)", len) for name, values in groups.items()}
    finite = np.concatenate([values[np.isfinite(values)] for values in groups.values()])
    told, edge = [], finite.max() if len(finite) else 0.0
    for row, (name, values) in enumerate(groups.items()):
        kept = (values >= low) & (values <= high)
        beside = row + 0.25 * np.linspace(-1, 1, len(values))  # equal numbers do not hide each other
        where = np.where(np.isfinite(values), values, edge)
        ax.scatter(where[kept], beside[kept], marker="o", facecolors="none", edgecolors=BLUE)
        ax.scatter(where[~kept], beside[~kept], marker="x", color=VERMILION)
        told.append(f"{name}: {', '.join(f'{value:.3g}' for value in values)}, {kept.sum()} within the limits")
    for limit in (low, high):
        if math.isfinite(limit):
            ax.axvline(limit, color="0.3", linestyle="--", linewidth=0.9)
    ax.set_yticks(range(len(groups)), list(groups))
    ax.set_ylim(len(groups) - 0.5, -0.5)
    ax.set_xlabel(label)
    return _finish(ax, title, f"Dots by group, {label}: " + "; ".join(told) + ".")


def heat(ax, table, *, label="", title=""):
    """A DataFrame of shares from 0 to 1 as a grid of cells, dark for 1, each with its number; the first row is lowest.

    Rows and columns are called by numbers or by words.
    """
    name = lambda value: value if isinstance(value, str) else f"{value:g}"
    columns = [textwrap.fill(name(value), 10) for value in table.columns]  # words below each other, so that they fit
    shares = _array(table, "shares, shape (rows, columns)", lambda shape: len(shape) == 2 and min(shape))
    drawn = ax.imshow(shares, cmap="Blues", vmin=0, vmax=1, origin="lower", aspect="auto")
    for (row, column), share in np.ndenumerate(shares):
        text = "" if math.isnan(share) else f"{share:.2g}"
        ax.text(column, row, text, ha="center", va="center", color="white" if share > 0.6 else "black", fontsize=8)
    ax.set_xticks(range(shares.shape[1]), columns)
    ax.set_yticks(range(shares.shape[0]), [name(value) for value in table.index])
    ax.set(xlabel=table.columns.name, ylabel=table.index.name)
    ax.figure.colorbar(drawn, ax=ax, label=label)
    rows = (
        f"{table.index.name} {name(value)}: " + ", ".join("missing" if math.isnan(v) else f"{v:.2g}" for v in row)
        for value, row in zip(table.index, shares, strict=True)
    )
    across = ", ".join(map(name, table.columns))
    return _finish(ax, title, f"Grid of {label}, {table.columns.name} {across}; " + "; ".join(rows) + ".")


def describe(figure, text=None):
    """The description of axes, or of all axes of a figure; with `text`, set that of axes drawn by yourself."""
    if text is not None:
        figure.genlab_description = text
    drawn = [figure] if isinstance(figure, Axes) else figure.axes
    return " ".join(ax.genlab_description for ax in drawn if hasattr(ax, "genlab_description"))


def show(figure):
    """Show a figure, or the figure that axes belong to, in a notebook, with its description as alternative text."""
    from IPython.display import HTML, display

    figure = figure.figure if isinstance(figure, Axes) else figure
    alt = describe(figure)
    if not alt:
        raise ValueError(
            "this figure has no description: draw it with genlab.plots, or set one: plots.describe(ax, 'text')"
        )
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=110, bbox_inches="tight")
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(figure)  # one made by pyplot would else be shown again, and kept
    picture = base64.b64encode(file.getvalue()).decode()
    display(HTML(f'<img alt="{html.escape(alt)}" style="max-width: 100%" src="data:image/png;base64,{picture}">'))


def _array(x, wanted, fits):
    x = np.asarray(x.detach().cpu() if isinstance(x, torch.Tensor) else x, dtype=float)
    if not fits(x.shape):
        raise ValueError(f"shape {x.shape} cannot be drawn: needs {wanted}, at least one")
    return x


def _finish(ax, title, description):
    if title:
        ax.set_title(title, fontsize="medium")
    before = describe(ax)
    ax.genlab_description = " ".join(part for part in (before, title and f"{title}:", description) if part)
    return ax
