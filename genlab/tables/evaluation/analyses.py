"""Whether a synthetic table gives the same answers: estimates side by side, and honest errors from several copies.

The overlap of two intervals is that of Karr et al. (2006). The errors of :func:`combine` are for copies drawn from a
model that was fitted once, with no draws of its parameters from a posterior: Raab, Nowok and Dibben (2016, Practical
data synthesis for large samples, J. Privacy and Confidentiality 7(3)). The rules of Raghunathan, Reiter and Rubin
(2003), T = (1 + 1/m) b - v, are for copies with such draws; for ours they would give intervals that are far too short.
"""

import numpy as np
import pandas as pd

from genlab.tables.evaluation.chance import generator
from genlab.tables.evaluation.fidelity import Z
from genlab.tables.types import complain, plain

FAILS = 0.5  # share of resamples on which an analysis may fail


def same_answer(fn, train, fake, holdout=None, *, repeats=200, random_state=0):
    """The same analysis of real and of synthetic rows.

    Parameters
    ----------
    fn : callable
        Takes a frame; gives a number, a Series or a DataFrame of estimates, or a pair (estimates, their variances).
        Without variances, they come from resampling rows.
    train, fake : DataFrame
    holdout : DataFrame, optional
        Real rows never learned from: how alike the answers of two real tables are.
    repeats : int
        Resamples of each table.
    random_state : None, int, Generator or RandomState

    Returns
    -------
    DataFrame
        One row an estimate: real, fake and holdout with the ends of their 95 % intervals; overlap, the part of the
        intervals of real and fake that they share (1 the same, 0 apart or an answer that one table cannot give);
        same_sign, and same_significance: both differ from 0 at the 5 % level, or neither does.

    Raises
    ------
    ValueError
        Where fn fails, naming the table it failed on.

    Examples
    --------
    >>> same_answer(lambda d: d.groupby("group")["score"].mean(), train, fake, holdout)
    """
    _check(
        "same_answer", fn, dict(train=train, fake=fake) | ({} if holdout is None else dict(holdout=holdout)), repeats
    )
    rng = generator(random_state)
    found = {"real": estimate(fn, train, "the train table", repeats, rng, "same_answer")}
    found["fake"] = estimate(fn, fake, "the fake table", repeats, rng, "same_answer")
    if holdout is not None:
        found["holdout"] = estimate(fn, holdout, "the holdout table", repeats, rng, "same_answer")
    return beside(found)


def beside(found):
    """Estimates of several tables as one table, with the overlap of each one's interval with that of "real".

    Parameters
    ----------
    found : dict of str to DataFrame
        By table, the columns estimate and variance, indexed by label. "real" is among them.
    """
    labels = list(dict.fromkeys(label for table in found.values() for label in table.index))
    out = pd.DataFrame(index=pd.Index(labels, name="estimate"))
    for name, table in found.items():
        table = table.reindex(labels)[["estimate", "variance"]].astype(
            float
        )  # a table without a single answer has no numbers
        half = Z * np.sqrt(table["variance"])
        out[name], out[f"{name}_low"], out[f"{name}_high"] = (
            table["estimate"],
            table["estimate"] - half,
            table["estimate"] + half,
        )
    for name in found:
        if name != "real":
            prefix = "" if name == "fake" else f"{name}_"
            out[f"{prefix}overlap"] = overlap(
                *(out[f"{of}_{end}"].to_numpy() for of in ("real", name) for end in ("low", "high"))
            )
    if "fake" in found:
        told = {name: (out[f"{name}_low"] > 0) | (out[f"{name}_high"] < 0) for name in ("real", "fake")}
        out["same_sign"] = np.sign(out["real"]) == np.sign(out["fake"])
        out["same_significance"] = (told["real"] == told["fake"]) & out[["real", "fake"]].notna().all(axis=1)
    return out


def overlap(low, high, other_low, other_high):
    """The share of two intervals that they have in common, the mean of both shares; 0 where they are apart, or NaN."""
    common = np.minimum(high, other_high) - np.maximum(low, other_low)
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = [
            np.where(end > start, common / (end - start), common >= 0)
            for start, end in ((low, high), (other_low, other_high))
        ]
    return np.nan_to_num(np.clip(np.mean(shares, axis=0), 0, 1))


def combine(fn, copies, *, level=0.95, n_train=None, partial=False, repeats=200, random_state=0):
    """One estimate with an honest standard error from several synthetic copies of a table.

    For copies of k rows, drawn from a model fitted to n rows, the variance is

        T = v (k / n + 1 / m)

    where v is the mean variance within a copy and m their number: the error of the n real rows, which no number of
    copies takes away, plus that of drawing the copies (Raab, Nowok and Dibben, 2016). It holds for models whose
    parameters are fitted and not drawn from a posterior, as all of this package are, and as far as the model keeps the
    analysis in question: it knows of chance, not of what the model gets wrong. A standard error taken from one copy as
    if its rows were real is too small by at least the square root of two where k = n.

    With `partial`, for real rows of which some columns were replaced: T = v + b / m, b being the variance between
    copies, with Student's t at (m - 1) (1 + m v / b)^2 degrees of freedom (Reiter, 2003).

    Parameters
    ----------
    fn : callable
        As in :func:`same_answer`.
    copies : list of DataFrame
        Equally long; with `partial` at least two.
    level : float
        Of the interval.
    n_train : int, optional
        Rows the model was fitted on: n; as many as a copy has, by default.
    partial : bool
    repeats, random_state
        Of the resampling that gives the variances where fn gives none.

    Returns
    -------
    DataFrame
        One row an estimate: estimate, se, low, high; within (v) and between (b, NaN for one copy).
    """
    from scipy import stats

    copies = [copies] if isinstance(copies, pd.DataFrame) else list(copies)
    _check("combine", fn, {f"copies[{i}]": copy for i, copy in enumerate(copies)}, repeats, more=[
        *(["copies is empty: sample some, for example s.sample(n, copies=5)"] if not copies else []),
        *(["partial=True needs at least two copies: their spread is part of the error"] if partial and len(copies) < 2 else []),
        *([f"level={level!r} must lie between 0 and 1"] if not 0 < level < 1 else []),
        *([f"n_train={n_train!r} must be a whole number above 0, or None"] if n_train is not None and not n_train > 0 else []),
        *(["copies differ in length: draw all of one length"] if len({len(copy) for copy in copies}) > 1 else []),
    ])  # fmt: skip
    rng, m = generator(random_state), len(copies)
    found = [estimate(fn, copy, f"copies[{i}]", repeats, rng, "combine") for i, copy in enumerate(copies)]
    labels = list(dict.fromkeys(label for table in found for label in table.index))
    estimates, variances = (
        pd.concat([table[of].reindex(labels) for table in found], axis=1).to_numpy() for of in ("estimate", "variance")
    )
    q, v = estimates.mean(axis=1), variances.mean(axis=1)  # NaN where a copy cannot answer
    b = estimates.var(axis=1, ddof=1) if m > 1 else np.full(len(q), np.nan)
    if partial:
        total = v + b / m
        with np.errstate(divide="ignore"):
            quantile = stats.t.ppf((1 + level) / 2, (m - 1) * (1 + m * v / b) ** 2)
    else:
        total = v * (len(copies[0]) / (n_train or len(copies[0])) + 1 / m)
        quantile = stats.norm.ppf((1 + level) / 2)
    se = np.sqrt(total)
    index = pd.Index(labels, name="estimate")
    columns = dict(estimate=q, se=se, low=q - quantile * se, high=q + quantile * se, within=v, between=b)
    return pd.DataFrame(columns, index)


# -- what an analysis gives -------------------------------------------------------------------------------------------


def estimate(fn, frame, where, repeats, rng, who):
    """What fn makes of a frame: estimate and variance by label, the latter by resampling where fn gives none."""
    try:
        result = fn(frame)
        if isinstance(result, tuple) and len(result) == 2:
            table = pd.DataFrame({"estimate": flat(result[0]), "variance": flat(result[1])})
            if (table["variance"] < 0).any():
                raise ValueError("it gave a variance below 0")
            return table
        first = flat(result)
    except Exception as error:  # whatever somebody's analysis raises: say on which table
        raise ValueError(f"{who}: fn failed on {where}: {type(error).__name__}: {error}") from error
    draws, failed = [], None
    for _ in range(repeats):
        try:
            draws.append(flat(fn(frame.iloc[rng.integers(len(frame), size=len(frame))].reset_index(drop=True))))
        except Exception as error:  # a resample may lack a group
            failed = error
    if len(draws) < max(2, (1 - FAILS) * repeats):
        say = f"{type(failed).__name__}: {failed}"
        raise ValueError(
            f"{who}: fn failed on {repeats - len(draws)} of {repeats} resamples of {where}: {say}"
        ) from failed
    spread = pd.DataFrame([draw.reindex(first.index) for draw in draws]).var(ddof=1)
    return pd.DataFrame({"estimate": first, "variance": spread.reindex(first.index)})


def flat(result):
    """A number, Series or DataFrame of estimates as a Series of floats with text for labels."""
    if isinstance(result, pd.DataFrame):
        labels = [f"{text(row)}, {text(column)}" for row in result.index for column in result.columns]
        series = pd.Series(result.to_numpy(dtype=float, na_value=np.nan).ravel(), labels)
    elif isinstance(result, pd.Series):
        series = pd.Series(result.to_numpy(dtype=float, na_value=np.nan), map(text, result.index))
    elif np.ndim(result) == 0 and result is not None and not isinstance(result, str):
        series = pd.Series([float(result)], ["estimate"])
    else:
        raise TypeError(f"it gave a {type(result).__name__}, must be a number, a Series or a DataFrame of estimates")
    if series.index.has_duplicates:
        raise ValueError(f"it gave two estimates named {series.index[series.index.duplicated()][0]!r}")
    return series


def text(label):
    """A label in words that are the same whether a table holds 1 or 1.0."""
    if isinstance(label, tuple):
        return ", ".join(map(text, label))
    label = plain(label)
    return f"{label:.0f}" if isinstance(label, float) and label.is_integer() else str(label)


def _check(who, fn, frames, repeats, more=()):
    problems = list(more)
    if not callable(fn):
        problems.append(f"fn={fn!r} must be a function of a frame")
    if isinstance(repeats, bool) or not isinstance(repeats, int) or repeats < 2:
        problems.append(f"repeats={repeats!r} must be a whole number from 2")
    for name, frame in frames.items():
        if not isinstance(frame, pd.DataFrame):
            problems.append(f"{name} is a {type(frame).__name__}, must be a DataFrame")
        elif not len(frame):
            problems.append(f"{name} has no rows")
    complain(who, problems)
