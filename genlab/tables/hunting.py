"""Hide yourself in a table, and hunt yourself: what a synthetic file tells about one person to somebody who knows a little.

The person's row joins the real ones, in memory only, and models are fitted twice: with that row and without it. From each,
files are drawn. The hunter takes the made rows that agree best with the answers that are known, where agreeing on a rare
answer counts more (record linkage after Fellegi and Sunter, 1969), and reads off the others. What is read off as well
from files of models that never saw the row is knowledge about people in general; what is more is the price of taking
part, the question that differential privacy asks (Dwork, 2006).

It is one hunter and one person. That this hunter finds nothing is no proof that nobody would.
"""

import dataclasses

import numpy as np
import pandas as pd
import scipy.stats

from genlab.tables.evaluation.chance import generator
from genlab.tables.reading.checking import check, misfits
from genlab.tables.reading.guessing import guess
from genlab.tables.synthesis import encoding
from genlab.tables.synthesis.synthesizer import Synthesizer
from genlab.tables.types import LEVELS, Types, complain, plain, whole

MODELS = {  # name -> knobs of a Synthesizer
    "small leaves and rare values": dict(min_leaf=3, rare=1),
    "as shipped": {},
    "large leaves": dict(min_leaf=200),
}
NEAR = 0.025  # a number is guessed where no more than this share of the rows lies between it and the truth
PART = "took part"  # the row of what is told by an answer that nobody else gave
LEVEL = 0.05  # chance of a false alarm, over all answers and one model


@dataclasses.dataclass(frozen=True, repr=False, eq=False)
class Hunt:
    """What a hunter learned; shown in a notebook it is a table.

    Attributes
    ----------
    person : dict
        The hidden person's answers, by column.
    known : list
        Columns that the hunter knows.
    sign : str or int
        The known answer that fewest others gave.
    answers : DataFrame
        A row for each model and each answer that the hunter did not know, and one for "took part": the share of files
        that hold the `sign` at all. yours, guess (what most of the nearest made rows say; of a number their median),
        with_you and without_you (share of the nearest made rows with your answer, mean over files), difference with
        its interval low to high (95 % for all answers of a model together), found (low is above 0).
    rows, files : int
        Real rows without the person; files drawn from each model.
    """

    person: dict
    known: list
    sign: str | int
    answers: pd.DataFrame
    rows: int
    files: int

    def sentences(self):
        """What each model's files give away, a sentence each: a dict by the name of the model."""
        return {
            name: self._sentence(name, part.droplevel(0)) for name, part in self.answers.groupby(level=0, sort=False)
        }

    def sentence(self):
        """All of it in words."""
        return " ".join(self.sentences().values())

    def _sentence(self, name, part):
        told = []
        for answer, row in part[part["found"]].iterrows():
            both = f"{row['with_you']:.0%} of the {'files' if answer == PART else 'nearest rows'}"
            what = f"that you took part: {both} hold your {self.sign} of {row['yours']}" if answer == PART else (
                f"your {answer}: {both} say {row['yours']}"
            )  # fmt: skip
            told.append(f"{what}; without you {row['without_you']:.0%}")
        if told:
            return f"With {_after(name)} the file gives away {', and '.join(told)}."
        more = 100 * max(part["high"].max(), 0)
        return (
            f"With {_after(name)} this hunter finds nothing that is due to you: no answer is read off more often than from a "
            f"file without you, beyond what chance gives in {self.files} files; up to {more:.0f} points more are not ruled out."
        )

    def __repr__(self):
        return f"{self.answers.to_string(float_format='{:.2f}'.format)}\n{self.sentence()}"

    def _repr_html_(self):
        from genlab.tables.reporting.markup import percent, text

        names = list(self.answers.index.get_level_values(0).unique())
        head = "".join(f'<th scope="col" colspan="3">{text(name)}</th>' for name in names)
        each = '<th scope="col">hunter says</th><th scope="col">with you</th><th scope="col">without</th>'
        body = ""
        for answer in self.answers.loc[names[0]].index:
            rows = [self.answers.loc[(name, answer)] for name in names]
            cells = "".join(
                f"<td>{text(row['guess'])}</td><td{' style=font-weight:bold' if row['found'] else ''}>"
                f"{percent(row['with_you'], 0)}{' found' if row['found'] else ''}</td><td>{percent(row['without_you'], 0)}</td>"
                for row in rows
            )
            what = text(answer) if answer != PART else f"{PART}: a row has {text(self.sign)}"
            body += (
                f'<tr><th scope="row" style="text-align:left">{what}</th><td>{text(rows[0]["yours"])}</td>{cells}</tr>'
            )
        said = "".join(f"<li>{text(sentence, 900)}</li>" for sentence in self.sentences().values())
        return (
            '<div class="tex2jax_ignore mathjax_ignore genlab-hunt"><div style="overflow-x:auto" tabindex="0" role="region" '
            f'aria-label="What the hunter learns"><table><thead><tr><td></td><th scope="col">yours</th>{head}</tr>'
            f"<tr><td></td><td></td>{each * len(names)}</tr></thead><tbody>{body}</tbody></table></div><ul>{said}</ul></div>"
        )


def hunt(df, person, known, *, types=None, models=None, seeds=10, copies=2, random_state=0, progress=None):
    """Add a person to a table, make synthetic files with and without that row, and hunt the person in them.

    Parameters
    ----------
    df : DataFrame
        Real rows; it is not changed, and nothing is written anywhere.
    person : dict
        Answers by column. What is left out, or None, is an empty cell.
    known : list
        Columns of which the hunter knows the person's answer.
    types : Types, optional
    models : dict, optional
        Name -> knobs of a :class:`genlab.tables.Synthesizer`; `MODELS` by default: small leaves with rare values kept,
        as shipped, and large ones.
    seeds, copies : int
        Fits of each model, and files drawn from each of them, as long as the table.
    random_state : None, int, Generator or RandomState
        A model with the person and the one without it have the same.
    progress : callable, optional
        ``progress(done, of)`` after each fit.

    Returns
    -------
    Hunt

    Raises
    ------
    ValueError
        One message that lists everything wrong.
    """
    types = guess(df) if types is None else types
    check(df, types, where="hunt")
    types = Types(column for column in types.values() if column.kind in encoding.LEARNED)
    known = [known] if isinstance(known, str | int) else list(known)
    models = dict(MODELS if models is None else models)
    complain("hunt", _problems(types, person, known, seeds, copies))
    df = df[list(types)]
    both = pd.DataFrame({name: _with(df[name], person.get(name)) for name in types})
    me = both.iloc[[-1]]
    complain("hunt", [f"your answer: {problem}" for problem in misfits(me, types)])
    sign = min(known, key=lambda name: _agree(df[name], me[name], types[name])[1].sum())
    rng = generator(random_state)
    states, done, found = [int(state) for state in rng.integers(2**31, size=seeds)], 0, {}
    for name, knobs in models.items():
        for state in states:
            for side, table in (("with_you", both), ("without_you", df)):
                made = Synthesizer(**knobs, random_state=state).fit(table, types=types).sample(len(df), copies=copies)
                found.setdefault((name, side), []).extend(_read_off(file, me, known, sign, types) for file in made)
                done += 1
                if progress is not None:
                    progress(done, 2 * seeds * len(models))
    return Hunt(person, known, sign, _table(found, seeds, models, me, known, sign, types), len(df), seeds * copies)


def _problems(types, person, known, seeds, copies):
    there = ", ".join(map(repr, types))
    if not isinstance(person, dict):
        return [f"person={person!r}: must be a dict of answers, such as {{{next(iter(types))!r}: ...}}"]
    problems = [
        f"person: no column {name!r} that is learned; there are {there}" for name in person if name not in types
    ]
    problems += [f"known: no column {name!r} that is learned; there are {there}" for name in known if name not in types]
    problems += [
        f"known: {name!r} has no answer; the hunter can only know what you have answered"
        for name in known
        if name in types and _is_empty(person.get(name))
    ]
    problems += [] if known else ["known: the hunter has to know an answer, better three"]
    if set(types) <= set(known):
        problems.append("known: the hunter knows everything; leave an answer to be hunted")
    problems += whole("seeds", seeds, 1, 1000) + whole("copies", copies, 1, 1000)
    if not problems and seeds * copies < 2:
        problems.append("seeds=1, copies=1: one file has no interval; draw at least two")
    return problems


def _is_empty(value):
    return value is None or value is pd.NaT or value is pd.NA or (isinstance(value, float) and np.isnan(value))


def _with(series, value):
    """A column with one more cell, of the same dtype; of whole numbers and booleans pandas' own where that cell is empty."""
    dtype, value = series.dtype, None if _is_empty(value) else value
    if value is None and isinstance(dtype, np.dtype) and dtype.kind in "iub":
        dtype = "boolean" if dtype.kind == "b" else dtype.name.capitalize().replace("Uint", "UInt")
    if isinstance(dtype, pd.CategoricalDtype) and value is not None and value not in dtype.categories:
        dtype = object  # pandas would make it an empty cell
    try:
        return pd.Series([*series.array, value], dtype=dtype)
    except (TypeError, ValueError):  # not of the column's kind: the check of the row says so by name
        return pd.Series([*series.array, value], dtype=object)


def _agree(made, mine, column):
    """For made rows: the share of all that agree with `mine`, one cell, at least as well (1: not at all), and which agree.

    Levels, codes and empty cells agree or not; numbers and dates more or less.
    """
    (code,), (x,) = (np.zeros(1), [np.nan]) if column.kind in LEVELS else encoding.split_special(mine, column)
    if column.kind in LEVELS or code or np.isnan(x):
        value = plain(mine.iloc[0])
        same = (made.isna() if _is_empty(value) else (made.astype(object) == value).fillna(False)).to_numpy(dtype=bool)
        return np.where(same, same.mean(), 1.0), same
    codes, numbers = encoding.split_special(made, column)
    far = np.where((codes > 0) | np.isnan(numbers), np.inf, np.abs(numbers - x))
    share = np.searchsorted(np.sort(far), far, "right") / len(far)
    return np.where(np.isinf(far), 1.0, share), far == 0


def _right(made, mine, column):
    """Which made cells give the answer `mine`: numbers need only be near, by ranks."""
    share, same = _agree(made, mine, column)
    if same.all() or column.kind in LEVELS:
        return same
    _, numbers = encoding.split_special(made, column)
    (_, (x,)) = encoding.split_special(mine, column)
    if np.isnan(x):
        return same
    ranks = np.sort(numbers[~np.isnan(numbers)])
    middle = lambda v: (np.searchsorted(ranks, v, "left") + np.searchsorted(ranks, v, "right")) / 2 / max(len(ranks), 1)
    return ~np.isnan(numbers) & (np.abs(middle(numbers) - middle(x)) <= NEAR)


def _read_off(file, me, known, sign, types):
    """What the hunter reads off one file: for each answer (share of the nearest rows that are right, their answers)."""
    shares = [_agree(file[name], me[name], types[name])[0] for name in known]
    weight = -np.log(np.stack(shares)).sum(0)
    nearest = weight >= weight.max() - 1e-9
    seen = {PART: (float(_agree(file[sign], me[sign], types[sign])[1].any()), None)}
    for name in types:
        if name not in known:
            right = _right(file[name], me[name], types[name])
            seen[name] = (float(right[nearest].mean()), file[name][nearest])
    return seen


def _table(found, seeds, models, me, known, sign, types):
    rows, asked = {}, [PART, *(name for name in types if name not in known)]
    for model in models:
        for name in asked:
            mine, without = (
                np.array([seen[name][0] for seen in found[model, side]]) for side in ("with_you", "without_you")
            )
            each = (mine - without).reshape(
                seeds, -1
            )  # files of one fit are alike: with several fits their means count
            low, high = np.clip(_interval(each.mean(1) if seeds > 1 else each[0], LEVEL / len(asked)), -1, 1)
            column = types[sign if name == PART else name]
            said = "yes" if mine.mean() > 0.5 else "no"
            if name != PART:
                said = _commonest(pd.concat([seen[name][1] for seen in found[model, "with_you"]]), column)
            rows[model, name] = dict(
                yours=_shown(me[column.name].iloc[0], column), guess=said, with_you=mine.mean(), without_you=without.mean(),
                difference=(mine - without).mean(), low=low, high=high, found=bool(low > 0),
            )  # fmt: skip
    table = pd.DataFrame.from_dict(rows, orient="index")
    table.index = pd.MultiIndex.from_tuples(table.index, names=["model", "answer"])
    return table


def _interval(differences, level):
    """Interval of a mean of differences between -1 and 1: by Student's t, and no shorter than chances allow that were not seen.

    Of n differences that are all alike, one of a chance of up to about -log(level) / n may be otherwise (the rule of three).
    """
    n, mean = len(differences), differences.mean()
    half = scipy.stats.t.ppf(1 - level / 2, n - 1) * differences.std(ddof=1) / np.sqrt(n)
    half = max(half, min(1, -np.log(level) / n))
    return float(mean - half), float(mean + half)


def _commonest(answers, column):
    """What most of the answers say; of numbers and dates the middle one."""
    there = answers.dropna()
    if 2 * len(there) < len(answers) or there.empty:
        return "no answer"
    if column.kind in LEVELS:
        return _shown(there.astype(object).value_counts().index[0], column)
    _, x = encoding.split_special(there, column)
    middle = np.nanquantile(x, 0.5, method="lower") if not np.isnan(x).all() else np.nan
    return "no answer" if np.isnan(middle) else _shown(encoding.shown(float(middle), column), column)


def _shown(value, column):
    """An answer as people read it."""
    value = plain(value)
    if _is_empty(value):
        return "no answer"
    if isinstance(value, pd.Timestamp):
        return str(value.date() if value == value.normalize() else value)
    return str(column.labels.get(value, f"{value:g}" if isinstance(value, float) else value))


def _after(name):
    """A model's name behind "with"."""
    return name if name in ("small leaves and rare values", "large leaves") else f"the model {name}"
