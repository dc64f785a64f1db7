"""The report of an evaluation as a page in a file and as one figure.

The figure shows every score on the same bar as the page does. Colours are those of Okabe and Ito (2008), as everywhere
in genlab; shapes differ as well.
"""

from genlab.files import whole
from genlab.tables.reporting import markup
from genlab.tables.reporting.markup import interval, number
from genlab.tables.reporting.page import page

BLUE, VERMILION = "#0072B2", "#D55E00"  # real and made, as in genlab.plots, which needs torch


def write(report, path):
    """Write the page to `path`, whole or not at all."""
    with whole(path, example="report.html") as part:
        part.write_text(page(report), "utf-8")


def figure(report):
    """The scores on their bars, and the pairs of columns, as a matplotlib Figure with a description for `plots.describe`."""
    from matplotlib.figure import Figure

    scores, pairs = report.scores, report.pairs
    drawn = Figure(figsize=(11, max(3.2, 0.62 * len(scores) + 0.9)), layout="constrained")
    left, right = drawn.subfigures(1, 2, width_ratios=(5, 4)) if len(pairs) else (drawn, None)
    strips = left.subplots(max(1, len(scores)), 1, squeeze=False).ravel()
    for ax, (name, row) in zip(strips, scores.iterrows(), strict=False):
        _strip(ax, name, row)
    if len(scores):
        left.legend(
            *strips[0].get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False, fontsize=8
        )
    if right is not None:
        _map(right.subplots(), pairs)
    return drawn


def _strip(ax, name, row):
    place, bad, good = markup.scale(row)
    looks = {
        "floor": dict(marker="s", mfc="white", mec="0.35", label="columns shuffled"),
        "copy": dict(marker="D", mfc="0.35", mec="white", label="copy of the real rows"),
        "ceiling": dict(marker="|", mec=BLUE, mew=3, ms=15, label="fresh real rows"),
        "value": dict(marker="o", mfc=VERMILION, mec="white", ms=9, label="synthetic"),
    }
    ax.plot([0, 100], [0, 0], color="0.85", lw=1.5, zorder=0)
    if bad == bad and good == good:
        ax.plot([place(bad), place(good)], [0, 0], color="0.85", lw=6, solid_capstyle="round", zorder=0)
    if row["low"] == row["low"] and row["high"] == row["high"]:
        ax.plot([place(row["low"]), place(row["high"])], [0, 0], color=VERMILION, lw=3, zorder=3)
    for order, (what, look) in enumerate(looks.items()):
        there = row[what] == row[what]
        ax.plot([place(row[what])] if there else [], [0] if there else [], linestyle="none", zorder=order + 1, **look)
    ax.set(xlim=(-2, 102), ylim=(-1, 1))
    ax.axis("off")
    ax.set_title(_written(name), loc="left", fontsize=9, pad=0)
    ax.set_title(
        f"{number(row['value'])}  ({interval(row['low'], row['high'])})".replace("  ()", ""),
        loc="right",
        fontsize=9,
        pad=0,
    )
    ax.genlab_description = markup.told(name, row)


def _map(ax, pairs):
    from matplotlib.colors import LinearSegmentedColormap

    lost = 1 - pairs.to_numpy(dtype=float)
    seen = lost[~(lost != lost)]
    white_to_vermilion = LinearSegmentedColormap.from_list("lost", ["white", VERMILION])
    image = ax.imshow(lost, cmap=white_to_vermilion, vmin=0, vmax=max(0.1, float(seen.max()) if len(seen) else 0.1))
    names = [_written(name, 24) for name in pairs.columns]
    if len(names) <= 25:
        ax.set_yticks(range(len(names)), names, fontsize=7)
        ax.set_xticks(range(len(names)), names, fontsize=7, rotation=90)
    ax.figure.colorbar(image, ax=ax, label="lost between two columns (0: as in the real table)", shrink=0.45)
    worst = seen.max() if len(seen) else 0
    ax.genlab_description = f"Map of {len(names)} by {len(names)} columns: what is lost of a pair, at most {worst:.2f}."


def _written(name, limit=markup.LONGEST):
    """A name as matplotlib can write it: a dollar sign would begin mathematics, a letter that its font lacks warns."""
    from matplotlib import font_manager

    font = font_manager.get_font(font_manager.findfont(font_manager.FontProperties()))
    known = (letter if font.get_char_index(ord(letter)) else "\N{WHITE SQUARE}" for letter in markup.plain(name, limit))
    return "".join(known).replace("$", r"\$")
