"""Pieces of an HTML page: text, numbers, tables and small drawings, from values that strangers chose.

Whatever comes from a table passes :func:`text` and nothing else: it is escaped, freed of control characters, cut, and
kept apart from the direction of the writing around it. Drawings are SVG that takes its colours from the page's style
sheet, so that they follow light, dark and print; each has a sentence for readers who do not see it.
"""

import html
import math
import numbers
import re

NBSP = "\u00a0"
LONGEST = 80  # characters of a name or level that are shown
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]+")
MARKS = {  # shape of what stands on a score's bar, around (0, 0)
    "value": '<circle r="5.5"/>',
    "ceiling": '<path d="M0-9V9" stroke-width="3"/>',
    "floor": '<path d="M-4-4H4V4H-4Z"/>',
    "copy": '<path d="M0-6L6 0L0 6L-6 0Z"/>',
}
WORDS = {
    "value": "this synthetic table, with its 95 % interval",
    "floor": "columns shuffled: no relation left",
    "ceiling": "fresh real rows: as good as it gets",
    "copy": "a copy of the real rows: all leaked",
}


def plain(value, limit=LONGEST):
    """`value` as one line of text without control characters, at most `limit` long; not yet escaped."""
    line = _CONTROL.sub("\ufffd", " ".join(str(value).split()))
    return line if len(line) <= limit else line[: limit - 1] + "…"


def text(value, limit=LONGEST):
    """`value` as it can stand in a page."""
    return f"<bdi>{html.escape(plain(value, limit))}</bdi>"


def number(value, digits=3):
    """A number as text for people: 0.945, 12,000; a dash where there is none."""
    if value is None or not isinstance(value, numbers.Real) or math.isnan(value):
        return "–"
    if isinstance(value, numbers.Integral):
        return f"{int(value):,}"
    return f"{value:,.{digits if abs(value) < 10 else 1 if abs(value) < 1000 else 0}f}"


def percent(share, digits=1):
    """A share as text: 12.3 %."""
    return "–" if _absent(share) else f"{100 * share:.{digits}f}{NBSP}%"


def interval(low, high, show=number):
    """An interval as text, 0.1 to 0.2 or 10.0 to 20.0 %, or nothing where there is none."""
    return "" if _absent(low) or _absent(high) else f"{show(low).removesuffix(NBSP + '%')} to {show(high)}"


def cell(value):
    """One cell of a table: numbers to the right, truth as words, the rest as text."""
    if isinstance(value, bool) or type(value).__name__ == "bool_":
        return f"<td>{'yes' if value else 'no'}</td>"
    if isinstance(value, numbers.Real):
        return f'<td class="n">{number(value)}</td>'
    if isinstance(value, list | tuple | set):
        value = ", ".join(map(str, value))
    return f"<td>{text('' if value is None else value, 200)}</td>"


def table(frame, caption, *, corner="", most=60):
    """A DataFrame as a table with headers; of a long one the first `most` rows, and says so."""
    shown = frame.head(most)
    right = {i for i, kind in enumerate(shown.dtypes) if kind.kind in "iuf"}
    head = "".join(
        f'<th scope="col"{" class=n" if i in right else ""}>{text(name)}</th>' for i, name in enumerate(shown.columns)
    )
    body = "".join(
        f'<tr><th scope="row">{text(_key(key))}</th>{"".join(map(cell, row))}</tr>'
        for key, row in zip(shown.index, shown.itertuples(index=False, name=None), strict=True)
    )
    rest = f" The first {most} of {len(frame):,} rows." if len(frame) > most else ""
    return f'<p class="small">{caption}{rest}</p>' + scroll(
        f'<table><caption class="unseen">{caption}</caption><thead><tr><th scope="col">{text(corner)}</th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>",
        caption,
    )


def scroll(inside, name):
    """Something wide, in a frame that scrolls by mouse, finger and keyboard."""
    label = re.sub("<[^>]*>", "", name)
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{label}">{inside}</div>'


def score_bar(name, row):
    """A score on a line: worse to the left, better to the right, with the references it stands between.

    Parameters
    ----------
    name : str
    row : Series
        value, low, high, floor, ceiling, copy, ideal, section.
    """
    marks = {what: float(row[what]) for what in ("floor", "copy", "ceiling", "value") if not _absent(row[what])}
    if "value" not in marks:
        return ""
    place, bad, good = scale(row)
    band = ""
    if not _absent(bad) and not _absent(good):
        left, right = sorted((place(bad), place(good)))
        band = f'<rect class="band" x="{left:.1f}%" y="11" width="{right - left:.1f}%" height="6" rx="3"/>'
    whisker = ""
    if not _absent(row["low"]) and not _absent(row["high"]):
        left, right = sorted((place(row["low"]), place(row["high"])))
        whisker = f'<line class="whisker" x1="{left:.1f}%" x2="{right:.1f}%" y1="14" y2="14"/>'
    drawn = "".join(
        f'<svg class="{what}" x="{place(marks[what]):.1f}%" y="14" overflow="visible">{MARKS[what]}</svg>'
        for what in ("floor", "copy", "ceiling")
        if what in marks
    )
    value = f'<svg class="value" x="{place(marks["value"]):.1f}%" y="14" overflow="visible">{MARKS["value"]}</svg>'
    return (
        f'<svg class="bar" role="img" aria-label="{html.escape(told(name, row))}" width="100%" height="28">'
        f'<line class="track" x1="0" x2="100%" y1="14" y2="14"/>{band}{drawn}{whisker}{value}</svg>'
    )


def scale(row):
    """Where values of a score stand on its bar.

    Returns
    -------
    place : callable
        Value to per cent of the width, 0 to 100.
    bad, good : float
        The reference at the worse and at the better end; NaN where there is none.
    """
    bad = row["copy"] if row["section"] == "leaks" else row["floor"]
    good = row["ideal"] if _absent(row["ceiling"]) else row["ceiling"]
    ideal = good if _absent(row["ideal"]) else row["ideal"]
    there = [float(row[key]) for key in ("value", "low", "high", "floor", "ceiling", "copy") if not _absent(row[key])]
    low, high = min(there), max(there)
    if high - low < 0.05:  # else noise would look like a difference
        low, high = (low + high) / 2 - 0.025, (low + high) / 2 + 0.025
    falling = bad - ideal > 0.005  # never where one is absent
    ends = (high, low) if falling else (low, high)
    place = lambda value: 4 + 92 * (float(value) - ends[0]) / (ends[1] - ends[0])
    return (place, bad, good) if abs(bad - ideal) > abs(good - ideal) else (place, math.nan, math.nan)


def told(name, row):
    """A score with its references, as a sentence."""
    parts = [f"{plain(name)}: {number(row['value'])}"]
    around = interval(row["low"], row["high"])
    parts += [f"95 % interval {around}"] if around else []
    names = (("floor", "columns shuffled"), ("ceiling", "fresh real rows"), ("copy", "copy of the real rows"))
    return "; ".join(parts + [f"{word} {number(row[key])}" for key, word in names if not _absent(row[key])]) + "."


def rate_bar(name, row, top):
    """An attack's rate and its control on a line from 0 to `top`, each with its interval, and the naive guess."""
    place = lambda value: f"{2 + 96 * min(float(value) / top, 1):.1f}%"
    drawn = ""
    for what, value, low, high, y in (
        ("value", "rate", "low", "high", 8),
        ("ceiling", "control", "control_low", "control_high", 22),
    ):
        if not _absent(row[value]):
            drawn += f'<line class="track" x1="2%" x2="98%" y1="{y}" y2="{y}"/>'
            drawn += f'<line class="whisker {what}" x1="{place(row[low])}" x2="{place(row[high])}" y1="{y}" y2="{y}"/>'
            drawn += f'<svg class="{what}" x="{place(row[value])}" y="{y}" overflow="visible">{MARKS[what]}</svg>'
    if not _absent(row["naive"]):
        drawn += '<line class="track" x1="2%" x2="98%" y1="35" y2="35"/>'
        drawn += f'<svg class="floor" x="{place(row["naive"])}" y="35" overflow="visible">{MARKS["floor"]}</svg>'
    alt = (
        f"{plain(name)}: rate {percent(row['rate'])}, control {percent(row['control'])}, naive guess {percent(row['naive'])}, "
        f"on a line from 0 to {percent(top)}."
    )
    return f'<svg class="bar" role="img" aria-label="{html.escape(alt)}" width="100%" height="42">{drawn}</svg>'


def legend():
    """What the marks on a bar stand for."""
    items = "".join(
        f'<li><svg aria-hidden="true" width="22" height="22"><svg class="{what}" x="11" y="11" overflow="visible">'
        f"{MARKS[what]}</svg></svg>{word}</li>"
        for what, word in WORDS.items()
    )
    return f'<ul class="legend" aria-label="Marks on the bars">{items}</ul>'


def heat(square, most=25):
    """A square matrix of scores as a table whose cells are the darker the lower the score."""
    if square.shape[0] > most:  # the columns that fare worst
        worst = square.mean().sort_values().index[:most]
        keep = [name for name in square.columns if name in set(worst)]
        square = square.loc[keep, keep]
    lost = 1 - square.to_numpy(dtype=float)
    finite = lost[~_nan(lost)]
    most_lost = max(0.1, float(finite.max()) if len(finite) else 0.1)
    head = "".join(f'<th scope="col" title="{html.escape(plain(name))}">{i}</th>' for i, name in _count(square.columns))
    rows = []
    for i, name in _count(square.index):
        cells = "".join(
            f'<td style="--lost:{75 * part / most_lost:.0f}%">{f"{1 - part:.2f}".lstrip("0")}</td>'
            if part == part and i - 1 != j
            else '<td class="none"></td>'
            for j, part in enumerate(lost[i - 1])
        )
        rows.append(f'<tr><th scope="row"><b>{i}</b> {text(name, 28)}</th>{cells}</tr>')
    return scroll(
        f'<table class="heat"><caption class="unseen">Scores of pairs</caption><thead><tr><td></td>{head}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>",
        "Scores of pairs of columns",
    )


def distribution(name, frame, note=""):
    """One column, real beside synthetic: a table whose cells hold bars; `frame` has columns real and fake (shares)."""
    top = max(float(frame[["real", "fake"]].max().max()), 1e-9)
    rows = "".join(
        f'<tr><th scope="row">{text(level, 26)}</th><td><svg aria-hidden="true" width="100%" height="16">'
        f'<rect class="real" y="3" height="10" width="{92 * real / top:.1f}%"/>'
        f'<svg class="made" x="{92 * fake / top:.1f}%" y="8" overflow="visible"><path d="M-4-4L4 4M-4 4L4-4"/></svg></svg>'
        f'</td><td class="n">{percent(real)}</td><td class="n">{percent(fake)}</td></tr>'
        for level, real, fake in zip(frame.index, frame["real"], frame["fake"], strict=True)
    )
    return (
        f'<table class="shape"><caption>{text(name)}<span>{note}</span></caption><thead><tr><th scope="col">Value</th>'
        '<th scope="col"><span class="unseen">Bar: real; cross: synthetic</span></th><th scope="col">Real</th>'
        f'<th scope="col">Synthetic</th></tr></thead><tbody>{rows}</tbody></table>'
    )


def _absent(value):
    return value is None or value != value


def _nan(values):
    return values != values


def _count(names):
    return enumerate(names, start=1)


def _key(key):
    return " × ".join(map(str, key)) if isinstance(key, tuple) else key
