"""Rows on purpose at the edges of a table: what seldom occurs in it, and breaks programs when it does.

A synthetic table is like the real one, and so holds the unusual as seldom. Boundary values (Myers, 1979) and all pairs of
them (Cohen et al., 1997) are the classical remedy; here each stands in a row that is otherwise as the model makes rows, so
that skip patterns hold and a fault that is found is one of the edge. No edge goes beyond what was learned, or declared as
a limit: rows that break a rule are for the reader to write.
"""

import itertools
import math

import numpy as np
import pandas as pd

from genlab.tables.evaluation.chance import generator
from genlab.tables.reading.amounts import HUGE
from genlab.tables.synthesis.encoding import restore, restore_dates, shown
from genlab.tables.synthesis.synthesizer import Synthesizer
from genlab.tables.types import LEVELS, complain, whole

MOST = 10_000  # rows of one call
TEXTS = (
    "", " ", " x", "x ", "0", "-1", "NULL", "Nan", "x\\", "%", "=1+1", "O'Brien", 'the "x"', "a,b", "a;b", "a\tb", "a\nb",
    "<b>x</b>", "Zoë", "Zoe\u0308", "İ", "ß", "日本", "שלום", "\u200bx", "🙂",
)  # fmt: skip


def edges(model, *, together=1, limits=None, random_state=None):
    """Rows with each edge of each column, or each pair of edges of two columns, once.

    The edges of a column are: every level; of numbers and dates the lowest and the highest learned, and 0 between them;
    every declared kind of no answer, and the empty cell, where they occurred.

    Parameters
    ----------
    model : Synthesizer
        Fitted.
    together : 1 or 2
        How many edges a row has. Pairs that a skip pattern rules out are left out.
    limits : dict, optional
        Lowest and highest value that a number column may have, where the rows learned from did not reach them:
        ``{"age": (0, 120)}``.
    random_state : None, int, Generator or RandomState
        For the rest of each row; the model's own without it.

    Returns
    -------
    DataFrame
        As from ``model.sample``; its index says which edge a row is there for.

    Raises
    ------
    ValueError
        One message that lists all problems.

    Examples
    --------
    >>> edges(model, together=2, limits={"age": (0, 120)})
    """
    if not isinstance(model, Synthesizer):
        raise ValueError(f"edges: a {type(model).__name__} was given: needs a fitted Synthesizer")
    model._check_fitted()
    limits = {} if limits is None else limits
    complain("edges", whole("together", together, 1, 2) + _of_limits(limits, model))
    joint, columns = model._joint, model.codes_
    found = [_of_column(one, joint.seen(j), limits.get(one.column.name)) for j, one in enumerate(columns)]
    groups = list(itertools.combinations(range(len(found)), together))
    rows = sum(math.prod(len(found[j]) for j in places) for places in groups)
    complain(
        "edges", [f"{rows:,} rows, at most {MOST:,}: learn fewer columns, or ask for together=1"] if rows > MOST else []
    )
    rng = generator(model.random_state if random_state is None else random_state)
    drawn = [_drawn(joint, places, [found[j] for j in places], rng) for places in groups]
    cases = [case for of_group, _ in drawn for case in of_group]
    if not cases:
        return model.sample(1).iloc[:0]
    made = model._frame(np.concatenate([codes for _, codes in drawn]), {}, rng)
    for j, one in enumerate(columns):
        where = [i for i, case in enumerate(cases) if j in case and case[j][2] is not None]
        made[one.column.name] = _written(made[one.column.name], where, [cases[i][j][2] for i in where], one.column)
    names = [", ".join(f"{columns[j].column.name}={edge[1]!r}" for j, edge in case.items()) for case in cases]
    return made.set_axis(pd.Index(names, name="edge", dtype=object))


def edge_texts(longest=None):
    """Texts that break programs: empty, quoted, with separators, formulas and letters beyond ASCII; and the longest.

    No model makes free text, so texts are put into a column by hand.

    Parameters
    ----------
    longest : int, optional
        Most characters that a text may have; one of them has as many.

    Returns
    -------
    list of str
    """
    if longest is None:
        return list(TEXTS)
    if isinstance(longest, bool) or not isinstance(longest, int | np.integer) or not 0 <= longest <= 10**6:
        raise ValueError(f"longest={longest!r}: must be a whole number from 0 to 1,000,000")
    return list(dict.fromkeys([*(text for text in TEXTS if len(text) <= longest), "x" * longest]))


def _of_column(here, seen, limits):
    """Edges of a learned column: (code, what it is, the number to write or None) each."""
    edges = [(code, here.label(code), None) for code in range(here.special) if seen[code]]
    if here.column.kind in LEVELS:
        return edges + [(code, here.label(code), None) for code in range(here.special, here.size)]
    if not len(here.places):
        return edges
    ends = limits or (np.nanmin([here.values, here.low]), np.nanmax([here.values, here.high - here.column.step]))
    numbers = np.unique([*ends, *([0] if here.column.kind == "number" and ends[0] < 0 < ends[1] else [])]).astype(float)
    places = here.special + here._place(numbers)
    return edges + [(int(code), shown(x, here.column), x) for code, x in zip(places, numbers.tolist(), strict=True)]


def _possible(case, skips):
    """Whether no skip pattern rules out the codes of a case, a dict of column to edge, together."""
    return not any(i in case and j in case and excluded[case[i][0], case[j][0]] for (i, j), excluded in skips.items())


def _drawn(joint, places, edges, rng):
    """All edges of the columns `places` together, as dicts of column to edge, and a row of codes drawn given each."""
    cases = [dict(zip(places, case, strict=True)) for case in itertools.product(*edges)]
    cases = [case for case in cases if _possible(case, joint.skips)]
    codes = np.zeros((len(cases), len(joint.columns)), dtype=np.int64)
    for j in places:
        codes[:, j] = [case[j][0] for case in cases]
    others = [j for j in range(len(joint.columns)) if j not in places]
    return cases, joint.redraw(codes, others, places, rng, trees=joint.trees) if cases else codes


def _written(series, rows, numbers, column):
    """A column with the very numbers of its edges in these rows; what was drawn may be any of a range."""
    if rows:
        series = series.copy()
        made = (restore_dates if column.kind == "date" else restore)(np.array(numbers, dtype=float), column)
        series.iloc[rows] = made.array
    return series


def _of_limits(limits, model):
    if not isinstance(limits, dict):
        return [f"limits={limits!r}: must be a dict, such as limits={{'age': (0, 120)}}"]
    numbers = {one.column.name: one.column for one in model.codes_ if one.column.kind == "number"}
    problems = []
    for name, ends in limits.items():
        right = isinstance(ends, tuple | list) and len(ends) == 2
        right = right and all(isinstance(end, int | float | np.number) and abs(end) < HUGE for end in ends)
        if name not in numbers:
            problems.append(f"limits: {name!r} is no number column; there are {', '.join(map(repr, numbers))}")
        elif not right or not ends[0] < ends[1]:
            problems.append(f"limits: {name!r} has {ends!r}: needs a lowest and a higher number, such as (0, 120)")
        elif numbers[name].step >= 1 and not all(float(end).is_integer() for end in ends):
            problems.append(f"limits: {name!r} has {ends!r}: the column holds whole numbers")
    return problems
