"""How the values of each column are distributed, in a few rows a column: what a report shows real beside synthetic.

A picture of real rows can give somebody away: so levels that few real rows hold are counted together unless they were
declared, and a number's outer ranges are open, which keeps the smallest and the largest real value out of the page.
"""

import numpy as np
import pandas as pd

from genlab.tables.types import LEVELS

MOST = 12  # rows a column
FEW = 10  # real rows: a level that fewer hold is not named
MISSING, RARE = "(missing)", "(rarer values)"


def distributions(train, fake, types):
    """Shares of real and synthetic rows, a small table a column.

    Parameters
    ----------
    train, fake : DataFrame
    types : Types
        Columns of kinds id, constant and text are left out.

    Returns
    -------
    dict
        Column name: DataFrame with columns real and fake (shares, each adding up to 1) and at most 12 rows, indexed by
        what they count, such as "never", "20 to 30" or "(missing)".
    """
    made = {}
    for name, column in types.items():
        if (
            column.kind not in ("id", "constant", "text")
            and name in train
            and name in fake
            and len(train)
            and len(fake)
        ):
            split = _levels if column.kind in LEVELS else _ranges
            real, synthetic = split(column, train[name], fake[name])
            counts = pd.DataFrame({"real": real.value_counts(), "fake": synthetic.value_counts()})
            made[name] = (counts.reindex(real.cat.categories).fillna(0) / [len(train), len(fake)]).loc[
                lambda share: (share > 0).any(axis=1)
            ]
    return made


def _levels(column, real, fake):
    """Two categoricals that name the commonest levels in their order and count the others together."""
    label = {level: str(column.labels.get(level, level)) for level in (*column.levels, *column.missing)}
    counts = real.value_counts()
    known = [level for level in label if column.declared or counts.get(level, 0) >= FEW]
    room = MOST - 2
    if len(known) > room:
        kept = set(sorted(known, key=lambda level: -counts.get(level, 0))[:room])
        known = [level for level in known if level in kept]
    names = list(dict.fromkeys(label[level] for level in known))
    renamed = {level: label[level] for level in known}
    return tuple(_count(values, renamed, [*names, RARE, MISSING]) for values in (real, fake))


def _count(values, renamed, names):
    named = values.astype(object).map(renamed)
    named = named.where(named.notna(), np.where(values.isna(), MISSING, RARE))
    return pd.Series(pd.Categorical(named, categories=list(dict.fromkeys(names))))


def _ranges(column, real, fake):
    """Two categoricals over ranges of a number or date; few and common values stand for themselves."""
    codes = {code: str(column.labels.get(code, code)) for code in column.missing}
    numbers = _numbers(column, real, codes)
    values = numbers.dropna()
    common = values.value_counts()
    if column.kind == "number" and 0 < len(common) <= MOST - 3 and common.min() >= FEW:
        ranges = {float(value): f"{value:,g}" for value in sorted(common.index)}
        cut = lambda these: these.map(ranges)
    else:
        edges = _edges(values, column)
        names = _between(edges, column)
        ranges = dict(enumerate(names))
        cut = lambda these: pd.Series(np.searchsorted(edges, these, side="right"), these.index).map(ranges)
    shown = [code for code in codes if (real == code).sum() >= FEW or column.declared][:2]
    names = list(dict.fromkeys([*ranges.values(), RARE, *(codes[code] for code in shown), MISSING]))
    return tuple(_name(column, these, codes, shown, cut, names) for these in (real, fake))


def _name(column, values, codes, shown, cut, names):
    numbers = _numbers(column, values, codes)
    named = pd.Series(RARE, values.index, dtype=object)
    there = numbers.dropna()
    named.loc[there.index] = cut(there).fillna(RARE)
    for code in shown:
        named[(values == code).fillna(False).astype(bool)] = codes[code]
    named[values.isna()] = MISSING
    return pd.Series(pd.Categorical(named, categories=names))


def _numbers(column, values, codes):
    """`values` as floats (dates in days since 1970), NaN for missing ones and codes."""
    values = values.where(~values.isin(list(codes)))
    if column.kind != "date":
        return pd.to_numeric(values, errors="coerce").astype(float)
    times = pd.to_datetime(values, format=column.format or None, errors="coerce", utc=True)
    return (times - pd.Timestamp(0, tz="UTC")) / pd.Timedelta(days=1)


def _edges(values, column):
    """At most 8 inner edges: round numbers between the 2nd and the 98th hundredth, so that none tells an extreme."""
    low, high = values.quantile([0.02, 0.98]) if len(values) else (0.0, 1.0)
    width = (high - low) / 6.9
    if not width > 0:
        return np.array([low])
    power = 10.0 ** np.floor(np.log10(width))
    step = next(power * times for times in (1, 2, 2.5, 5, 10) if power * times >= width)
    step = max(step, column.step if column.kind == "number" else step)
    first = np.ceil(low / step) * step
    return np.unique(np.round(np.arange(first, high + step * 1e-9, step), 10))


def _between(edges, column):
    """Names of the ranges that `edges` make."""
    if column.kind == "date":
        pattern = column.format or ("%Y-%m-%d" if edges[-1] - edges[0] > 3 else "%Y-%m-%d %H:%M")
        shown = [(pd.Timestamp(0) + pd.Timedelta(days=float(edge))).strftime(pattern) for edge in edges]
        return [f"before {shown[0]}", *(f"from {edge}" for edge in shown)]
    shown = [f"{edge:,.10g}" for edge in edges]
    return [f"below {shown[0]}", *(f"{a} to {b}" for a, b in zip(shown, shown[1:])), f"{shown[-1]} and above"]  # noqa: B905
