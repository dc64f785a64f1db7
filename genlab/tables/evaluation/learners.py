"""What judges of tables learn with: boosted trees, a logistic regression, and the area under the ROC curve.

Columns are coded on the union of the tables, so that a level which only one of them has is something to learn from and
never an error. One thread: the tables are small, and threads that wait for one another cost more than they give.
"""

import contextlib

import numpy as np

MOST_ROWS = 10_000  # of a table that a learner is given
MOST_CATEGORIES = 250  # of one column that boosted trees tell apart: the commonest


@contextlib.contextmanager
def one_thread():
    """Keep numerical libraries to one thread."""
    import sklearn.ensemble  # noqa: F401  the libraries to hold back must have been loaded
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


def seed_of(rng):
    """A seed for scikit-learn, drawn from a Generator."""
    return int(rng.integers(2**31))


def trees(x, y, x_test, nominal, seed):
    """What boosted trees learn from rows x with labels y, some columns being categories, about rows x_test.

    Returns
    -------
    classes : ndarray
    chances : ndarray, shape (test rows, classes)
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    empty = np.isnan(x).all(axis=0)  # a column of which nothing is known teaches nothing
    x, x_test = np.where(empty, 0.0, x), np.where(empty, 0.0, x_test)
    learner = HistGradientBoostingClassifier(categorical_features=nominal, random_state=seed).fit(x, y)
    return learner.classes_, learner.predict_proba(x_test)


def linear(x, y, x_test):
    """What a logistic regression on indicators learns; returns as :func:`trees` does."""
    from sklearn.linear_model import LogisticRegression

    learner = LogisticRegression(C=0.1, tol=1e-3, max_iter=500).fit(x, y)
    return learner.classes_, learner.predict_proba(x_test)


def features(tables, *, skip=()):
    """Columns for boosted trees, on the union of the tables' codes: (matrices, which columns are categories).

    Ordered columns stay numbers, with a second column for their gaps where these are of several kinds.
    """
    parts, nominal = [[] for _ in tables], []
    for j, scale in enumerate(tables[0].scales):
        if scale.column.name in skip:
            continue
        atoms = len(scale.atoms)
        codes = [table.codes[:, j] for table in tables]
        if scale.column.kind in ("number", "date", "ordinal"):
            value = np.concatenate([np.full(atoms, np.nan), scale.values])
            for part, code in zip(parts, codes, strict=True):
                part.append(value[code])
            nominal.append(False)
            if max(np.where(code < atoms, code, 0).max(initial=0) for code in codes) == 0:
                continue
            codes = [np.minimum(code, atoms) for code in codes]
            atoms += 1
        counts = sum(np.bincount(code, minlength=atoms) for code in codes)
        place = np.empty(atoms)
        place[np.argsort(-counts, kind="stable")] = np.minimum(np.arange(atoms), MOST_CATEGORIES - 1)
        for part, code in zip(parts, codes, strict=True):
            part.append(place[code])
        nominal.append(True)
    matrices = [np.column_stack(part) if part else np.zeros((len(t), 1)) for part, t in zip(parts, tables, strict=True)]
    return matrices, np.array(nominal if nominal else [False])


def one_hot(tables, *, skip=()):
    """The tables' bins as indicators, for learners that add up: sparse matrices of shape (rows, all bins)."""
    from scipy import sparse

    keep = [j for j, scale in enumerate(tables[0].scales) if scale.column.name not in skip]
    starts = np.concatenate([[0], np.cumsum([len(tables[0].scales[j].bins) for j in keep])]).astype(int)
    out = []
    for table in tables:
        n = len(table)
        where = (table.bins[:, keep] + starts[:-1]).ravel() if keep else np.empty(0, int)
        rows = np.arange(0, n * len(keep) + 1, len(keep)) if keep else np.zeros(n + 1, int)
        out.append(sparse.csr_array((np.ones(len(where)), where, rows), shape=(n, max(int(starts[-1]), 1))))
    return out


def auc(truth, guess):
    """Area under the ROC curve and each row's part in it, so that its error is that of a mean (DeLong et al., 1988).

    Parameters
    ----------
    truth : ndarray of bool
    guess : ndarray of float
        Higher where true is likelier; ties count one half.

    Returns
    -------
    float
    ndarray
        The rows' parts, with mean 0.
    """
    from scipy.stats import rankdata

    yes, no = guess[truth], guess[~truth]
    ranks = rankdata(guess)
    above = (ranks[truth] - rankdata(yes)) / len(no)  # for each true row, the share of false rows below it
    below = 1 - (ranks[~truth] - rankdata(no)) / len(yes)
    area, part = above.mean(), np.empty(len(truth))
    part[truth] = (above - area) * len(truth) / len(yes)
    part[~truth] = (below - area) * len(truth) / len(no)
    return float(area), part
