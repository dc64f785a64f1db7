"""Synthetic tables from real ones: the model an analyst fits, samples, asks and saves.

The default, "trees", is autoregressive: columns are drawn one after another, each from a tree that knows the ones before
it (after Reiter, 2005, "Using CART to generate partially synthetic, public use microdata"). "autoregressive" is the same
with a network in place of the trees; "vae" draws a code, and all columns from it; "gan" makes rows that a critic learned
to tell from real ones. "independent" draws each column by itself: the floor that any model must beat. "marginals" draws
from noisy counts of columns and pairs: the one that is differentially private, at the price of likeness.

The others promise no formal privacy: small leaves copy (`min_leaf` is the knob), and only values that fewer than `rare`
rows share are kept out by construction. Judge what it makes with :func:`genlab.tables.evaluate`, on rows held out.
"""

import dataclasses

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from genlab.tables.evaluation.chance import generator
from genlab.tables.reading.guessing import check, guess
from genlab.tables.synthesis import conditions, encoding, margins, privacy, unlearned
from genlab.tables.synthesis.joint import Joint
from genlab.tables.synthesis.marginals import Marginals
from genlab.tables.types import LEVELS, Types, complain, whole

NETWORKS = ("autoregressive", "vae", "gan")
METHODS = ("trees", "independent", *NETWORKS, "marginals")
PRIORS = ("normal", "aggregate")  # of a VAE
LEAF, LEAF_OF_FEW = 20, 50  # least rows in a leaf: of tables with at least `MANY` rows, and of smaller ones
MANY = 1000
LEAST = 10  # rows to learn from


class Synthesizer(BaseEstimator):
    """Learn a table and make rows like it; follows scikit-learn's conventions.

    Parameters
    ----------
    method : "trees", "autoregressive", "vae", "gan", "independent" or "marginals"
        The networks ("autoregressive", "vae", "gan") need torch, learn in seconds to minutes, and stop by rows that they hold
        back. What has conditions (`where`, `impute`, `replace`, `predict_proba`) they answer by trees grown on rows that
        they make.
        "marginals" needs `epsilon`, `delta` and declared types, and answers in the same way; what it keeps of a table is
        said in ``marginals.py``, what it spent by :meth:`privacy_spent`.
    epsilon, delta : float
        Of "marginals", and required there: no outcome may become more than e^epsilon times as probable by any one row
        holding other answers, but for a probability of `delta`. Each fit to the same people spends them again.
    min_leaf : int, optional
        Least rows in a leaf: the privacy knob. Larger leaves blur more and copy less. (Splits that gain less than they
        cost are not made, whatever the leaf, which holds copying back too.)
        Without it 20, and 50 for tables of fewer than 1,000 rows, where smaller leaves gave members away to attacks.
    rare : int
        A number seen in fewer rows is only ever part of a range, and an undeclared level seen in fewer rows is not
        made.
    trees : int
        Trees a column; more than one cost time and give steadier probabilities.
    prior : "normal" or "aggregate"
        Of a VAE, where the codes come from that rows are made of: "aggregate" takes such as real rows have, and makes
        rows that are more alike and copy more. They are kept as means and spreads of groups of at least `min_leaf`
        rows, in the model's file too.
    random_state : None, int, numpy Generator or RandomState
        For "marginals" leave it at None: who knows a fixed one can take the noise away. It is not written to files.

    Attributes
    ----------
    types_ : Types
        Of the table that was learned.
    codes_ : list of Codes
        How its columns became codes; `Codes.left_out` counts the levels that rareness kept out.
    left_out_ : list
        Columns that synthetic tables do not have (free text).
    n_rows_, min_leaf_ : int
        Rows learned from, and least rows in a leaf.
    history_ : DataFrame
        Of a network by epoch, of rows it learns from and of those held back: bits a row; of a GAN, which has none, how
        far two-way shares of made rows are off.
    stopped_ : str or None
        Of a network: why it ended before its time, with the best so far kept.

    Examples
    --------
    >>> fake = Synthesizer(random_state=0).fit(train, types=types).sample(2000)
    """

    def __init__(
        self,
        method="trees",
        *,
        epsilon=None,
        delta=None,
        min_leaf=None,
        rare=5,
        trees=1,
        prior="normal",
        random_state=None,
    ):
        self.method, self.min_leaf, self.rare, self.trees = method, min_leaf, rare, trees
        self.epsilon, self.delta = epsilon, delta
        self.prior, self.random_state = prior, random_state

    def fit(self, df, y=None, *, types=None, progress=None):
        """Learn a table.

        Parameters
        ----------
        df : DataFrame
            At least 10 rows.
        types : Types, optional
            What its columns are; guessed without it, except by "marginals", which must not look: levels are declared,
            ranges of numbers declared or bought.
        progress : callable, optional
            ``progress(done, of)`` after each column, or after each epoch of a network.

        Raises
        ------
        ValueError
            One message that lists every problem by column.
        """
        self.check_knobs()
        private = self.method == "marginals"
        complain("fit", _unpaid(types) if private else [])
        types = guess(df) if types is None else types
        check(df, types, where="fit")
        complain("fit", [f"{len(df)} rows: at least {LEAST} are needed to learn from"] if len(df) < LEAST else [])
        learned = [column for column in types.values() if column.kind in encoding.LEARNED]
        self.n_rows_, self.min_leaf_ = len(df), self._leaf(len(df))
        how = dict(min_leaf=self.min_leaf_, trees=self.trees, salt=self._salt, progress=progress)
        if private:
            self._fit_private(df, learned, types, how)
            return self
        codes = [encoding.learn(df[column.name], column, self.rare) for column in learned]
        self.types_ = Types(_public(column, codes) for column in types.values())
        self.codes_ = codes = [dataclasses.replace(one, column=self.types_[one.column.name]) for one in codes]
        rows = [one.encode(df[one.column.name]) for one in codes]
        rows = np.stack(rows, 1) if rows else np.zeros((len(df), 0), dtype=np.int64)
        self._joint = self._model(rows, codes, rng=generator(self.random_state), **how)
        self.fixed_ = {name: unlearned.only(df[name]) for name, column in types.items() if column.kind == "constant"}
        self.id_digits_ = {name: unlearned.digits(df[name]) for name, column in types.items() if column.kind == "id"}
        return self

    def privacy_spent(self):
        """What was spent of privacy, and what it means: a :class:`genlab.tables.synthesis.privacy.Spent`.

        Raises
        ------
        ValueError
            Of every method but "marginals": nothing is promised, so nothing can be told.
        """
        self._check_fitted()
        if self.method != "marginals":
            raise ValueError(
                f"method={self.method!r} promises no formal privacy: none was counted; "
                'Synthesizer("marginals", epsilon=..., delta=...) does'
            )
        return self._spent

    def sample(self, n, *, where=None, copies=None, random_state=None):
        """Make rows.

        Parameters
        ----------
        n : int
        where : dict, optional
            What each row must have, by column: a value, a list of values, a pandas Interval for numbers and dates, or
            None for an empty cell. Met by construction: those columns are drawn first.
        copies : int, optional
            So many tables instead of one, for :func:`genlab.tables.combine`.
        random_state : optional
            The model's own without it: the same call gives the same rows.

        Returns
        -------
        DataFrame, or a list of `copies` of them
        """
        self._check_fitted()
        complain("sample", whole("n", n, 1, 10**8) + (whole("copies", copies, 1, 1000) if copies is not None else []))
        rng = self._rng(random_state)
        wanted = conditions.parse(where or {}, self.types_, self.codes_)
        made = []
        for _ in range(copies or 1):
            codes = self._joint.draw(n, rng, {j: condition.codes for j, condition in wanted.items()})
            made.append(self._frame(codes, wanted, rng))
        return made[0] if copies is None else made

    def chunks(self, n, *, chunksize=50_000, where=None, random_state=None):
        """Make rows a chunk at a time, for tables that are larger than memory; what is written differs from `sample`.

        Parameters
        ----------
        n : int
            Rows in all.
        chunksize : int
            Most rows of a chunk.
        where, random_state : optional
            As for :meth:`sample`.

        Returns
        -------
        iterator of DataFrame
            Their index and their ids go on from chunk to chunk.
        """
        self._check_fitted()
        complain("chunks", whole("n", n, 1, 10**10) + whole("chunksize", chunksize, 1, 10**8))
        rng, wanted = self._rng(random_state), conditions.parse(where or {}, self.types_, self.codes_)

        def made():
            for first in range(0, n, chunksize):
                rows = min(chunksize, n - first)
                codes = self._joint.draw(rows, rng, {j: condition.codes for j, condition in wanted.items()})
                yield self._frame(codes, wanted, rng, first, n).set_axis(range(first, first + rows))

        return made()

    def impute(self, df, *, draws=None, random_state=None):
        """Fill the empty cells of rows, each drawn given all that its row does hold.

        Cells that a skip pattern leaves empty stay empty, and declared kinds of no answer stay as they are.

        Parameters
        ----------
        df : DataFrame
            With any of the learned columns; others are left alone.
        draws : int, optional
            So many filled tables instead of one: how they differ is what is not known.

        Returns
        -------
        DataFrame, or a list of `draws` of them
        """
        complain("impute", whole("draws", draws, 1, 1000) if draws is not None else [])
        codes, given = self._known(df, "impute")
        rng, gaps, made = self._rng(random_state), self._joint.gaps(codes, given), []
        for _ in range(draws or 1):
            filled = self._joint.fill(codes, gaps, given, rng)
            made.append(self._written(df, filled, gaps, rng))
        return made[0] if draws is None else made

    def replace(self, df, columns, *, random_state=None):
        """Partial synthesis: draw `columns` anew for each row, given the rest of the row; the rest stays real.

        The kept columns are real answers of real people, and can give them away.
        """
        columns = list(columns) if isinstance(columns, list | tuple | set | pd.Index) else [columns]
        codes, given = self._known(df, "replace")
        place = self._learned("replace")
        wrong = [name for name in columns if place.get(name) not in given]
        complain("replace", [f"{name!r}: no column that was learned and is in this table" for name in wrong])
        fresh, rng = sorted(place[name] for name in columns), self._rng(random_state)
        codes = self._joint.redraw(codes, fresh, [j for j in given if j not in fresh], rng)
        cells = np.zeros(codes.shape, dtype=bool)
        cells[:, fresh] = True
        return self._written(df, codes, cells, rng)

    def predict_proba(self, df, target):
        """P(target | the other columns of df), for each row.

        Parameters
        ----------
        df : DataFrame
            With any of the learned columns; what it has of `target` is not looked at.
        target : str

        Returns
        -------
        DataFrame, shape (rows, codes of the target)
            A column for each level; of a number or date for each common value and each range (a pandas Interval).
            No answer, where it occurred, is a column as well: None for an empty cell.
        """
        j = self._learned("predict_proba", target)[target]
        codes, given = self._known(df.drop(columns=target, errors="ignore"), "predict_proba")
        p, here = self._joint.proba(j, codes, given), self.codes_[j]
        shown = self._joint.seen(j)
        shown[here.special :] = True
        labels = pd.Index([here.label(code) for code in np.flatnonzero(shown)], dtype=object)
        return pd.DataFrame(p[:, shown] / p[:, shown].sum(1, keepdims=True), index=df.index, columns=labels)

    def log_prob(self, df, target=None):
        """Log probability of each row, natural logarithm: a Series.

        Numbers and dates count at their own resolution (`step`): a value in a range has its share of the range. A VAE
        gives a lower bound; a GAN has probabilities of one column alone.

        Parameters
        ----------
        df : DataFrame
        target : str, optional
            Only that of this column, given the other columns of df.
        """
        place = self._learned("log_prob", target)
        codes, given = self._known(df, "log_prob")
        wanted = list(place.values()) if target is None else [place[target]]
        missing = [name for name, j in place.items() if j in wanted and j not in given]
        complain("log_prob", [f"{name!r}: this learned column is not in the table" for name in missing])
        if target is None:
            total = self._joint.log_prob(codes)
        else:
            p = self._joint.proba(wanted[0], codes, [j for j in given if j not in wanted])
            total = np.log(np.where(codes[:, wanted[0]] >= 0, p[np.arange(len(p)), codes[:, wanted[0]]], p.min(1)))
        for j in wanted:
            total = total - np.log(self.codes_[j].widths[codes[:, j]])
        return pd.Series(total, index=df.index, name="log_prob")

    def save(self, folder):
        """Write the model to a folder: JSON and arrays, no rows and no pickle; whole or not at all.

        What such a folder tells: the types, common values, ranges and levels of the table, the value of constant
        columns, and how often the codes of a column occur in each leaf, which holds at least `min_leaf` rows. Rows that
        share a rare combination can be told from such counts by somebody who knows the others.
        """
        from genlab.tables.synthesis import modelfile

        self._check_fitted()
        return modelfile.save(self, folder)

    @classmethod
    def load(cls, folder):
        """A model from a folder that :meth:`save` wrote.

        It samples bit for bit as before. It holds no rows: for questions that need further trees (`where`, `impute`,
        `predict_proba`, `replace`) it draws rows from itself and grows them on those, which is a little less exact.
        """
        from genlab.tables.synthesis import modelfile

        return modelfile.load(cls, folder)

    @property
    def history_(self):
        learned = self._network()
        return pd.DataFrame(learned.history, columns=["epoch", *learned.fields]).set_index("epoch")

    @property
    def stopped_(self):
        return self._network().stopped

    # -- inside --------------------------------------------------------------------------------------------------------

    @property
    def left_out_(self):
        self._check_fitted()
        return [name for name, column in self.types_.items() if column.kind == "text"]

    def _fit_private(self, df, learned, types, how):
        """Learn from noisy counts; nothing else of the rows is kept."""
        rng = generator(self.random_state)
        ledger = privacy.Ledger(self.epsilon, self.delta, rng, seeded=self.random_state is not None)
        complain(
            "fit",
            [] if learned else ["no column is left to learn: texts, ids and constants cost nothing and tell nothing"],
        )
        self._joint = Marginals.fit(df, [margins.without_guesses(column) for column in learned], ledger, **how)
        self._spent, self.codes_ = ledger.spent(), self._joint.columns
        bought = {one.column.name: one.column for one in self.codes_}
        self.types_ = Types(
            dataclasses.replace(bought.get(name, column), warnings=()) for name, column in types.items()
        )
        self.fixed_ = {}
        self.id_digits_ = {name: unlearned.room(column) for name, column in types.items() if column.kind == "id"}

    def _model(self, rows, codes, **how):
        """The joint distribution of rows of codes. A table without columns to learn has nothing for a network."""
        if not codes or self.method in ("trees", "independent"):
            return Joint.fit(rows, codes, independent=self.method == "independent", **how)
        own = {"prior": self.prior} if self.method == "vae" else {}
        return network(self.method).fit(rows, codes, **how, **own)

    def _network(self):
        """The joint distribution, of a network."""
        self._check_fitted()
        if not hasattr(self._joint, "history"):
            raise AttributeError(f"method={self.method!r}: only networks have a history")
        return self._joint

    def _frame(self, codes, wanted, rng, first=0, rows=None):
        """A table of the learned columns' codes, with the others made anew, in the order of the real one.

        `first` is its first row's place in a table of so many `rows`.
        """
        made = {one.column.name: wanted.get(j, one).decode(codes[:, j], rng) for j, one in enumerate(self.codes_)}
        for name, digits in self.id_digits_.items():
            made[name] = unlearned.new_ids(first, len(codes), rows or len(codes), digits, self.types_[name])
        for name, value in self.fixed_.items():
            made[name] = encoding.restore(np.full(len(codes), value, dtype=object), self.types_[name])
        names = [name for name in self.types_ if name not in self.left_out_]
        return pd.DataFrame({name: made[name] for name in names}, columns=names)

    def _written(self, df, codes, cells, rng):
        """A copy of df with some cells replaced by what their codes stand for; columns keep their dtype."""
        df = df.copy()
        for j in np.flatnonzero(cells.any(0)):
            name, rows = self.codes_[j].column.name, cells[:, j]
            new = self.codes_[j].decode(codes[:, j], rng).set_axis(df.index)
            new = new.astype(df[name].dtype) if new.notna().all() or new.dtype != df[name].dtype else new
            df[name] = new if rows.all() else df[name].where(~rows, new)
        return df

    def _learned(self, where, target=None):
        """Number of each learned column by its name, after checking that the target is one of them."""
        self._check_fitted()
        place = {one.column.name: j for j, one in enumerate(self.codes_)}
        problem = f"target={target!r}: no such column was learned; there are {', '.join(map(repr, place))}"
        complain(where, [] if target is None or target in place else [problem])
        return place

    def _known(self, df, where):
        """Codes of rows (n, columns), and which of the learned columns they hold."""
        self._check_fitted()
        complain(where, [] if isinstance(df, pd.DataFrame) else [f"a {type(df).__name__} was given: needs a DataFrame"])
        there = [one.column.name for one in self.codes_ if one.column.name in df.columns]
        none = [] if there else [f"none of the learned columns is in this table: {', '.join(map(str, self.types_))}"]
        complain(where, none + ([] if len(df) else ["the table has no rows"]))
        check(df[there], Types(self.types_[name] for name in there), where=where, strict=False)
        codes = np.zeros((len(df), len(self.codes_)), dtype=np.int64)
        given = [j for j, one in enumerate(self.codes_) if one.column.name in there]
        for j in given:
            codes[:, j] = self.codes_[j].encode(df[self.codes_[j].column.name])
        return codes, given

    def _leaf(self, n):
        """Least rows in a leaf, for a table of n rows."""
        return self.min_leaf if self.min_leaf is not None else LEAF if n >= MANY else LEAF_OF_FEW

    @property
    def _salt(self):
        """What the random choices of asked trees hang on: the model's own seed where it is a number."""
        if self.method == "marginals":
            return 0  # nothing may hang on the seed of the noise
        return int(self.random_state) % 2**63 if isinstance(self.random_state, int | np.integer) else 0

    def _rng(self, random_state):
        return generator(self.random_state if random_state is None else random_state)

    def _check_fitted(self):
        if not hasattr(self, "codes_"):
            raise NotFittedError("this Synthesizer has learned nothing yet: call fit(train, types=types) first")

    def check_knobs(self):
        """Raise one ValueError that lists every knob with a wrong value; :meth:`fit` does so too."""
        problems = [] if self.method in METHODS else [f"method={self.method!r}: must be one of {', '.join(METHODS)}"]
        if self.prior not in PRIORS:
            problems.append(f"prior={self.prior!r}: must be one of {', '.join(PRIORS)}")
        elif self.prior != "normal" and self.method != "vae":
            problems.append(f"prior={self.prior!r}: method={self.method!r} has none, only a VAE has")
        for name, high in (("min_leaf", 10**6), ("rare", 10**6), ("trees", 100)):
            if name != "min_leaf" or self.min_leaf is not None:
                problems += whole(name, getattr(self, name), 1, high)
        if self.method == "marginals":
            problems += privacy.check(self.epsilon, self.delta)
        elif self.epsilon is not None or self.delta is not None:
            problems.append(
                f"epsilon={self.epsilon!r}, delta={self.delta!r}: method={self.method!r} has no privacy budget; "
                'method="marginals" has'
            )
        complain("Synthesizer", problems)


def network(method):
    """The class of a network; loads torch."""
    if method == "vae":
        from genlab.tables.synthesis.by_code import ByCode

        return ByCode
    if method == "gan":
        from genlab.tables.synthesis.by_game import ByGame

        return ByGame
    from genlab.tables.synthesis.by_column import ByColumn

    return ByColumn


def _unpaid(types):
    """Why types cannot serve a model that must not look at the rows for them, as a list of sentences."""
    if types is None:
        return ["types: must be given, not guessed, for guessing looks at the rows; types=tables.Types(...), or a guess in "
                "which you set levels, steps, codes for no answer and ranges by what you knew before"]  # fmt: skip
    return margins.undeclared(types)


def _public(column, codes):
    """A column's declaration without what only its rows tell: rare levels that nobody declared, examples in warnings."""
    kept = next((one.places for one in codes if one.column.name == column.name and column.kind in LEVELS), ())
    return dataclasses.replace(column, levels=tuple(level for level in column.levels if level in kept), warnings=())
