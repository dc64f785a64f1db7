"""Six attackers of a fake table: what each tries, and how often it is right on training and on held-out rows.

Each function returns the naive rate, without knowing how columns go together, and a function `run(member)`: of who is
called a training row, an array (2 pairs, n) of 0 and 1 as :func:`genlab.tables.evaluation.chance.trades` makes it, it gives rate,
tries, control and tries of the control, arrays (n,). Everything slow is done before, so that thousands of trades take
no time. Sources in :mod:`genlab.tables.evaluation.attacks`.
"""

import numpy as np
import scipy.sparse

from genlab.tables.evaluation.distance import QUERIES, Space, members, nearest, unique_rows

SECRETS = 5  # columns that attribute inference asks for where no target is named
NEAR = 0.05  # a number is guessed when it is this close, as a share of the range of the middle 90 % of rows
NAMED, AT_LEAST = 0.05, 50  # share and least number of the candidates that membership inference names
BLUR = 0.1  # distances far below this, a tenth of what tells two levels apart, count as equally near


def _both_sides(count, naive):
    """An attack from `count(member)` -> (rate, tries), its control the same count on the other rows."""
    return (lambda member: (*count(member), *count(1 - member))), float(naive[0])


def replicated_uniques(coded, free, keys):
    """Training rows with a combination of keys that no other training row has, and that a fake row has too."""
    at = coded.at(keys)
    everything, group = unique_rows(np.vstack([coded.real[:, at], coded.fake[:, at], free[:, at]]))
    real, fake, shuffled = np.split(group, np.cumsum([len(coded.real), len(coded.fake)]))
    rows = members(real, len(everything))
    fake, shuffled = np.unique(fake), np.unique(shuffled)

    def count(member, found=fake):
        unique = rows @ member == 1
        return _rate(unique[found].sum(axis=0), unique.sum(axis=0))

    return _both_sides(count, count(coded.member, shuffled)[0])


def singling_out(coded, free, tries, rng, *, several):
    """Descriptions that fit one fake row alone, and fit one training row alone."""
    if several:
        fits, naive = (_fits(coded, _several(coded, rows, tries, rng)) for rows in (coded.fake, free))
    else:
        fits, naive = _fits(coded, _single(coded, tries, rng)), _fits(coded, _single(coded, tries, rng, rare=False))

    def count(member, fits=fits):
        return _rate((fits @ member == 1).sum(axis=0), np.full(member.shape[1], fits.shape[0]))

    return _both_sides(count, count(coded.member, naive)[0])


def _fits(coded, descriptions):
    """Which real rows each description fits, as a sparse array of 0 and 1."""
    where = [np.flatnonzero(_fit(coded.real, each)) for each in descriptions]
    where = [rows if len(rows) < 64 else rows[:0] for rows in where]  # too many: one alone on one side cannot be
    ends = np.cumsum([0, *map(len, where)])
    columns = np.concatenate([np.empty(0, dtype=int), *where])
    shape = (len(where), len(coded.real))
    return scipy.sparse.csr_array((np.ones(len(columns), dtype=np.int32), columns, ends), shape=shape)


def _fit(rows, description):
    """Rows that a description fits: (column, "=", "<" for at most or ">" for at least, code) for each of its columns."""
    fit = np.ones(len(rows), dtype=bool)
    for at, sign, code in description:
        own = rows[:, at]
        fit &= own == code if sign == "=" else (own >= code if sign == ">" else (own <= code) & (own >= 0))
    return fit


def _single(coded, tries, rng, *, rare=True):
    """Descriptions by one column: a value that one fake row alone has, the greatest number and the least.

    With rare=False any value that is there, as somebody would try who does not know which ones are rare.
    """
    found = []
    for at, name in enumerate(coded.names):
        codes, counts = np.unique(coded.fake[:, at], return_counts=True)
        found += [((at, "=", code),) for code in codes[(counts == 1) | (not rare)]]
        if rare and name in coded.values and (codes >= 0).sum() > 1:
            ends = (("<", np.argmax(codes >= 0)), (">", len(codes) - 1))
            found += [((at, sign, codes[i]),) for sign, i in ends if counts[i] == 1]
    return [found[i] for i in rng.permutation(len(found))[:tries]]


def _several(coded, rows, tries, rng):
    """Descriptions by three to eight columns: levels as they are, numbers from here up or from here down."""
    width = len(coded.names)
    middle = [np.median(own[own >= 0]) if (own >= 0).any() else 0 for own in rows.T]
    found = []
    for row in rng.permutation(len(rows))[: 5 * tries] if width > 1 else ():
        chosen = rng.choice(width, size=rng.integers(min(3, width), min(8, width) + 1), replace=False)
        each = []
        for at in chosen:
            number = coded.names[at] in coded.values and rows[row, at] >= 0
            sign = "=" if not number else ">" if rows[row, at] > middle[at] else "<"
            each.append((at, sign, rows[row, at]))
        if _fit(rows, each).sum() == 1:
            found.append(each)
        if len(found) == tries:
            break
    return found


def attribute_inference(coded, keys, target, tries, rng):
    """The secret of a real row, guessed as the commonest one among the fake rows that are nearest on the keys."""
    keys = keys or coded.names
    asked = [target] if target is not None else [name for name in coded.names if name not in keys] or coded.names
    asked = [_Secret(coded, name) for name in asked if set(keys) - {name}]
    secrets = sorted(asked, key=lambda secret: secret.right(secret.real, secret.guess(secret.real)).mean())[:SECRETS]
    hit, naive, tried = np.zeros((3, 2 * coded.pairs))
    for i, secret in enumerate(secrets):
        first = np.arange(i, tries, len(secrets))  # each try asks for one secret of one pair of rows
        rows = np.concatenate([first, coded.pairs + first])
        tried[rows] = 1
        hit[rows] = secret.right(secret.real[rows], _guesses(coded, secret, set(keys) - {secret.name}, rows))
        naive[rows] = secret.right(secret.real[rows], secret.guess(secret.fake))

    def count(member, hit=hit):
        return _rate(hit @ member, tried @ member)

    return _both_sides(count, count(coded.member, naive)[0])


def _guesses(coded, secret, keys, rows):
    """A guess at the secret of each of these real rows, from the fake rows that are nearest on the keys."""
    return np.array([secret.guess(secret.fake[near]) for near in _near(coded, keys, rows, coded.fake)])


class _Secret:
    """A column that an attacker asks for: the best single guess at it, and when a guess is right."""

    def __init__(self, coded, name):
        at = coded.names.index(name)
        self.name, self.real, self.fake = name, coded.real[:, at], coded.fake[:, at]
        self.values = coded.values.get(name)
        if self.values is not None:
            known = self.values[self.real[self.real >= 0]]
            self.close = NEAR * np.subtract(*np.quantile(known, [0.95, 0.05])) if len(known) else 0.0

    def guess(self, codes):
        """The commonest answer; if that is to give a number, the number that most others are close to."""
        answers = codes if self.values is None else np.minimum(codes, 0)
        kinds, counts = np.unique(answers, return_counts=True)
        best = kinds[counts.argmax()]
        if self.values is None or best < 0:
            return best
        codes = np.sort(codes[codes >= 0])
        numbers = self.values[codes]
        ends = (
            np.searchsorted(numbers, numbers + sign * self.close, side) for sign, side in ((1, "right"), (-1, "left"))
        )
        return codes[np.subtract(*ends).argmax()]

    def right(self, truth, guess):
        """Whether the guess is the same answer, or a number within 5 % of the middle 90 % of rows."""
        same = truth == guess
        if self.values is None or not len(self.values):
            return same
        near = np.abs(self.values[np.maximum(truth, 0)] - self.values[np.maximum(guess, 0)]) <= self.close
        return same | (near & (truth >= 0) & (np.asarray(guess) >= 0))


def linkability(coded, free, keys, tries):
    """Two halves of a real row, as two files may hold them, put together by a fake row that is nearest to both.

    One half is the keys, or every other column; the other half is the rest.
    """
    keys = keys or coded.names[::2]
    halves = [keys, [name for name in coded.names if name not in keys]]
    first = np.arange(tries if all(halves) else 0)
    rows = np.concatenate([first, coded.pairs + first])
    tried = np.zeros(2 * coded.pairs)
    tried[rows] = 1
    hit, naive = np.zeros((2, len(tried)))
    for found, fake in ((hit, coded.fake), (naive, free)) if len(rows) else ():
        near = [_near(coded, names, rows, fake) for names in halves]
        found[rows] = [len(np.intersect1d(a, b, assume_unique=True)) > 0 for a, b in zip(*near, strict=True)]

    def count(member, hit=hit):
        return _rate(hit @ member, tried @ member)

    return _both_sides(count, count(coded.member, naive)[0])


def _near(coded, keys, rows, fake):
    """For each of these real rows the fake rows that are nearest on the keys, one array after the other."""
    space, (reference, group) = Space(coded, keys), unique_rows(fake, coded.at(keys))
    _, near = nearest(space.place(coded.real[rows]), space.place(reference))
    by_group = np.split(np.argsort(group, kind="stable"), np.cumsum(np.bincount(group))[:-1])
    for groups in np.split(near.indices, near.indptr[1:-1]):
        yield np.concatenate([by_group[i] for i in groups])


def membership_inference(coded, rng):
    """Candidates named as training rows because a fake row is nearer to them than other real rows lead to expect."""
    space = Space(coded, coded.names)
    first = np.arange(min(coded.pairs, QUERIES // 2))
    rows = np.concatenate([first, coded.pairs + first])
    candidates = space.place(coded.real[rows])
    reference, group = unique_rows(coded.real)
    alone = np.bincount(group)[group[rows]] == 1
    to_fake, _ = nearest(candidates, space.place(unique_rows(coded.fake)[0]))
    to_real, _ = nearest(candidates, space.place(reference), skip=np.where(alone, group[rows], -1))
    to_real[~alone] = 0
    lonely = np.log((np.sqrt(to_real) + BLUR) / (np.sqrt(to_fake) + BLUR))
    count = min(max(AT_LEAST, round(NAMED * len(rows))), len(first))
    named = rows[np.lexsort([rng.random(len(rows)), -lonely])[:count]]  # equally lonely ones in random order

    def run(member):
        half = np.full(member.shape[1], 0.5)
        return *_rate(member[named].sum(axis=0), 0 * half + len(named)), half, np.inf * half

    return run, 0.5


def _rate(successes, tries):
    """Share and number of tries; no success without a try."""
    return successes / np.maximum(tries, 1), tries
