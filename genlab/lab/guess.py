"""Be the discriminator: real and made rows side by side, and the reader says which is made."""

import pathlib

import anywidget
import numpy as np
import traitlets

from genlab.lab import frames
from genlab.lab.contest import contest
from genlab.rows import is_whole

HERE = pathlib.Path(__file__).parent / "browser"
PARTS = ("frames", "drawing", "images", "points", "controls", "guess")
SIDES = ("left", "right")
MOST = 200  # rounds


class Booth(anywidget.AnyWidget):
    """The page's side of a guess. From it come {"answer": "left" or "right", "round": n} and {"next": n}."""

    _esm = "\n".join((HERE / f"{part}.js").read_text("utf-8") for part in PARTS)
    _css = HERE / "lab.css"

    pair = traitlets.Bytes(b"").tag(sync=True)  # a packed frame: the round, and what stands left and right
    told = traitlets.Dict({}).tag(
        sync=True
    )  # of the pair that is shown: {} before the answer, then which side was made
    status = traitlets.Unicode("").tag(sync=True)


def guess(real, fake, *, rounds=20, seed=0):
    """Play the discriminator: pairs of a real and a made row, and you say which one is made.

    Parameters
    ----------
    real, fake : Dataset, array_like, DataFrame, or list of str
        Points (n, d), images (n, channels, height, width), rows of a table with the same columns, or texts. Of points,
        a cloud of 60 is shown on each side, as a single one says nothing.
    rounds : int
        Pairs to be shown, from 1 to 200.
    seed : int
        Which pairs they are.

    Returns
    -------
    Guess
        Show it in a notebook; or answer in code.

    Raises
    ------
    ValueError
        One message that lists everything that keeps the rows from being compared.

    Examples
    --------
    >>> import genlab as gl
    >>> data = gl.datasets.digits()
    >>> game = gl.guess(data, data.x.flip(3), rounds=3, seed=1)
    >>> game.answer("left"), game.answer("left"), game.answer("right")
    (True, False, False)
    >>> game.score
    (1, 3)
    """
    problems = [] if is_whole(rounds, 1, MOST) else [f"rounds={rounds!r}: must be a whole number from 1 to {MOST}"]
    problems += [] if is_whole(seed, 0, 2**32 - 1) else [f"seed={seed!r}: must be a whole number from 0 to 2**32 - 1"]
    if problems:
        raise ValueError("; ".join(problems))
    return Guess(contest(real, fake, rounds), rounds, seed)


class Guess:
    """A game of pairs, see :func:`guess`.

    Attributes
    ----------
    history : DataFrame
        A row an answer: round, made (the side that was), answer, right.
    score : (int, int)
        Right answers, and answers.
    """

    def __init__(self, contest, rounds, seed):
        self._contest, self.rounds, self.seed = contest, rounds, seed
        rng = np.random.default_rng(seed)
        self._made = [SIDES[side] for side in rng.integers(2, size=rounds)]
        self._rows = [self._draw(rows, rng) for rows in (contest.real, contest.made)]
        self._answers, self._auc, self._booth, self._open = [], None, Booth(), True
        self._booth.on_msg(self._heard)
        self._show()

    def _draw(self, rows, rng):
        """Places of the rows of every round, (rounds, size), none of them twice where there are enough."""
        size, many = self._contest.size, len(rows)
        if many >= size * self.rounds:
            return rng.permutation(many)[: size * self.rounds].reshape(self.rounds, size)
        return np.stack([rng.permutation(many)[:size] for _ in range(self.rounds)])

    def answer(self, side):
        """Say which side is made, "left" or "right"; True if you are right. The next pair follows."""
        if side not in SIDES:
            raise ValueError(f"side={side!r}: must be 'left' or 'right'")
        if self.done:
            raise ValueError(f"all {self.rounds} pairs are answered: make a new game with gl.guess")
        right = self._take(side)
        self._go_on()
        return right

    @property
    def done(self):
        """Whether every pair is answered."""
        return len(self._answers) == self.rounds

    @property
    def score(self):
        return sum(right for _, right in self._answers), len(self._answers)

    @property
    def rate(self):
        """Share of right answers, NaN before the first."""
        right, asked = self.score
        return right / asked if asked else float("nan")

    @property
    def interval(self):
        """95 % interval of :attr:`rate` (Wilson, 1927); (0, 1) before the first answer."""
        from scipy.stats import binomtest

        right, asked = self.score
        if not asked:
            return 0.0, 1.0
        found = binomtest(right, asked).proportion_ci(method="wilson")
        return float(found.low), float(found.high)

    @property
    def auc(self):
        """Share of pairs that a classifier tells apart, learned on other rows: the same question, put to a machine."""
        if self._auc is None:
            self._auc = self._contest.auc(self.seed)
        return self._auc

    @property
    def history(self):
        import pandas as pd

        rows = [
            dict(made=made, answer=answer, right=right)
            for made, (answer, right) in zip(self._made, self._answers, strict=False)
        ]
        return pd.DataFrame(
            rows, columns=["made", "answer", "right"], index=pd.RangeIndex(1, len(rows) + 1, name="round")
        )

    def sentence(self):
        """Your score and the machine's in words."""
        right, asked = self.score
        if not asked:
            return "no answer yet"
        low, high = self.interval
        level = (
            "which chance alone can give"
            if low <= 0.5 <= high
            else "more than chance gives"
            if low > 0.5
            else "less than chance gives"
        )
        return (
            f"you were right on {right} of {asked} pairs ({right / asked:.0%}, interval {low:.0%} to {high:.0%}: {level}); "
            f"a classifier that has learned from other rows is right on {self.auc:.0%} of pairs"
        )

    def _take(self, side):
        right = side == self._made[len(self._answers)]
        self._answers.append((side, right))
        self._open = False
        return right

    def _go_on(self):
        self._open = True
        self._show()

    def _show(self):
        """Send the present pair, and never which of the two is made before it is answered."""
        booth, now = self._booth, len(self._answers) - (not self._open)
        if now == self.rounds:
            booth.status, booth.told = self._summary(), {"done": True}
            return
        real, made = (
            self._side(rows, places[now])
            for rows, places in zip((self._contest.real, self._contest.made), self._rows, strict=True)
        )
        left, right = (made, real) if self._made[now] == "left" else (real, made)
        numbers = dict(kind=self._contest.kind, round=now + 1, rounds=self.rounds, left=left[0], right=right[0])
        arrays = {f"left/{k}": v for k, v in left[1].items()} | {f"right/{k}": v for k, v in right[1].items()}
        booth.told, booth.pair = {}, frames.pack(numbers, arrays)
        booth.status = f"pair {now + 1} of {self.rounds}: which one is made?"

    def _summary(self):
        words = self.sentence()
        return words[0].upper() + words[1:] + "."

    def _side(self, rows, places):
        rows = (
            [rows[i] for i in places]
            if isinstance(rows, list)
            else rows.iloc[places]
            if hasattr(rows, "iloc")
            else rows[places]
        )
        return self._contest.show(rows)

    def _heard(self, booth, message, buffers):
        """A message of the page; one about another pair than the present one is an echo, and left alone."""
        match message:
            case {"answer": str(side), "round": int(number)} if side in SIDES and self._open and not self.done:
                if number == len(self._answers) + 1:
                    made = self._made[number - 1]
                    words = "Right" if self._take(side) else "Wrong"
                    booth.told = dict(made=made, answer=side)
                    booth.status = f"{words}: the {made} one is made. So far {self.score[0]} of {number}."
            case {"next": int(number)} if not self._open and number == len(self._answers):
                if self.done:
                    booth.status = "All pairs are answered; now a classifier learns to answer them too ..."
                self._go_on()

    def _repr_mimebundle_(self, include=None, exclude=None):
        view = dict(version_major=2, version_minor=0, model_id=self._booth.model_id)
        return {"application/vnd.jupyter.widget-view+json": view, "text/plain": repr(self)}

    def __repr__(self):
        right, asked = self.score
        return f"Guess({self.rounds} pairs of {self._contest.kind}, {right} of {asked} right)"
