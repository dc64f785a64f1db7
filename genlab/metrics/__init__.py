"""What "good" means, each number beside what fresh real rows score themselves: its noise floor.

Without a judge: sliced Wasserstein distance (Rabin et al., 2011; Bonneel et al., 2015), modes covered, sharpness,
straightness of a path, and nearness to the training rows. With a judge, a held-back classifier: classes covered, Fréchet
distance (Heusel et al., 2017), precision and recall (Kynkäänniemi et al., 2019), and label control.

Sets are compared at equal size, because each of these numbers depends on it. Nothing here decides what is good enough,
and no number of this kind shows that the rows of a training set are kept private.
"""

from genlab.metrics.judged import Judge, classes_covered, frechet, judge, label_control, precision, recall
from genlab.metrics.samples import (
    Nearest,
    detail,
    distance,
    imbalance,
    modes_covered,
    nearest,
    pairs,
    quality,
    share_near,
    sharpness,
    straightness,
)
from genlab.metrics.score import Score

__all__ = [
    "Judge", "Nearest", "Score", "classes_covered", "detail", "distance", "frechet", "imbalance", "judge", "label_control",
    "modes_covered", "nearest", "pairs", "precision", "quality", "recall", "share_near", "sharpness", "straightness",
]  # fmt: skip
