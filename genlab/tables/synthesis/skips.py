"""Skip patterns: questions that were not asked because of an earlier answer.

Where an answer to one question always goes with no answer to another, the pair is kept: a synthetic row never answers
what was not asked. Item refusal, which comes and goes, is left to the model.
"""

import numpy as np

LEAST = 20  # rows that must agree before "always" is believed
MOST_LEVELS = 60  # of a question that steers another


def find(codes, sizes, special):
    """Pairs of codes that cannot stand in one row.

    Parameters
    ----------
    codes : int array, shape (n, columns)
    sizes, special : list of int
        Number of codes of each column, and of those which stand for no answer.

    Returns
    -------
    dict of (int, int) to bool array
        For a steering column i and a steered column j, which of their codes exclude each other: (size of i, size of j).
    """
    found = {}
    for j in range(codes.shape[1]):
        for gap in range(special[j]):
            is_gap = codes[:, j] == gap
            if not LEAST <= is_gap.sum() <= len(codes) - LEAST:
                continue
            for i in range(codes.shape[1]):
                if i == j or sizes[i] > MOST_LEVELS:
                    continue
                known = codes[:, i] >= 0
                n = np.bincount(codes[known, i], minlength=sizes[i])
                gaps = np.bincount(codes[known & is_gap, i], minlength=sizes[i])
                always, never = (gaps == n) & (n >= LEAST), (gaps == 0) & (n >= LEAST)
                if not always.any() or not never[special[i] :].any():
                    continue
                excluded = found.setdefault((i, j), np.zeros((sizes[i], sizes[j]), dtype=bool))
                excluded[always] |= np.arange(sizes[j]) != gap
                if (always | never | (n < LEAST)).all():  # asked of the others, each and all
                    excluded[never, gap] = True
    return found


def allowed(skips, target, size, codes, known):
    """Which codes of the target the other columns leave open: bool (n, size), or None where no skip concerns it.

    Parameters
    ----------
    codes : int array, shape (n, columns)
    known : collection of int
        The columns of `codes` that are filled in.
    """
    free = None
    for (i, j), excluded in skips.items():
        if target not in (i, j):
            continue
        other, table = (j, excluded.T) if target == i else (i, excluded)
        if other not in known:
            continue
        free = np.ones((len(codes), size), dtype=bool) if free is None else free
        has_code = codes[:, other] >= 0
        free[has_code] &= ~table[codes[has_code, other]]
    if free is not None:
        free[~free.any(1)] = True  # answers that contradict each other: no skip can tell
    return free
