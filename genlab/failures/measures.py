"""One number a seed: what the records measure, by metrics that are tested on known answers."""

import math

from genlab import metrics

ROWS = 2000  # samples of each model that are judged


def each(group, data, panel, *, n=ROWS):
    """Judge samples of each member of an Ensemble.

    Parameters
    ----------
    panel : dict of name -> function (x, data) -> float

    Returns
    -------
    dict of name -> list of float
        NaN for a member whose numbers are no longer finite.
    """
    made = group.sample(n, seed=0)  # (K, n, *shape)
    return {name: [_of(metric, x, data) for x in made] for name, metric in panel.items()}


def _of(metric, x, data):
    return float(metric(x, data)) if x.isfinite().all() else math.nan


MODES = {"modes": metrics.modes_covered, "near": metrics.share_near, "imbalance": metrics.imbalance}


def modes(group, data, watched):
    """Modes covered, the share of samples within 3 sd of one, and the imbalance between them."""
    return each(group, data, MODES)
