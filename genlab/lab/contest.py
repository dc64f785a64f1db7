"""What can be guessed at: points, images, texts and rows of a table, each shown two at a time and put to a classifier."""

import numpy as np
import torch

from genlab import datasets
from genlab.lab.views.images import brightness
from genlab.rows import as_tensor
from genlab.training import short

CLOUD = 60  # points shown at once: a single one says nothing
CLASSIFIED, FOLDS = 2_000, 5  # rows of each kind that the classifier sees; parts, each judged by what the others taught
CELLS, LETTERS = 24, 400  # columns of a table, and characters of a text, that are shown


class Contest:
    """Real and made rows of one kind.

    Attributes
    ----------
    kind : "points", "images", "texts" or "rows"
    size : int
        Rows shown on each side.
    """

    size = 1

    def __init__(self, real, made):
        self.real, self.made = real, made

    def show(self, rows):
        """What a page needs to show some rows: (dict of JSON values, dict of arrays)."""
        raise NotImplementedError

    def features(self):
        """Rows of both, as a table of numbers (or a list of texts) for :meth:`classifier`: real, made."""
        return self.real, self.made

    def auc(self, seed):
        """Share of pairs that a classifier ranks rightly, which has learned from other rows: made above real."""
        from sklearn.metrics import roc_auc_score
        from sklearn.model_selection import StratifiedKFold, cross_val_predict
        from threadpoolctl import threadpool_limits

        rng = np.random.default_rng(seed)
        real, made = (_some(rows, CLASSIFIED, rng) for rows in self.features())
        truth = np.repeat([0, 1], [len(real), len(made)])
        rows = real + made if isinstance(real, list) else _joined(real, made)
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=seed)
        with threadpool_limits(1):
            belief = cross_val_predict(self.classifier(seed), rows, truth, cv=folds, method="predict_proba")[:, 1]
        belief = np.log(belief.clip(1e-9, 1 - 1e-9) / (1 - belief).clip(1e-9))
        if self.size > 1:  # clouds, as the reader sees them
            truth, belief = _clouds(truth, belief, self.size, rng)
        return float(roc_auc_score(truth, belief))


class Points(Contest):
    """Points of which a cloud is shown on each side, by their first two columns."""

    kind, size = "points", CLOUD

    def __init__(self, real, made):
        super().__init__(real.numpy(), made.numpy())
        both = np.concatenate([self.real, self.made])[:, :2]
        low, high = np.quantile(both, [0.002, 0.998], axis=0)
        room = 0.1 * np.where(high > low, high - low, 1)
        self.bounds = [float(v) for pair in zip(low - room, high + room, strict=True) for v in pair]

    def show(self, rows):
        return dict(bounds=self.bounds), dict(rows=rows[:, :2].astype(np.float32))

    def classifier(self, seed):
        return _network(seed)


class Images(Contest):
    """Images, (n, channels, height, width)."""

    kind = "images"

    def __init__(self, real, made, limits):
        super().__init__(real, made)
        self.limits = limits

    def show(self, rows):
        return {}, dict(rows=brightness(rows, self.limits))

    def features(self):
        return self.real.flatten(1).numpy(), self.made.flatten(1).numpy()

    def classifier(self, seed):
        return _network(seed)


class Texts(Contest):
    """Texts, as lists of str."""

    kind = "texts"

    def show(self, rows):
        return dict(text=rows[0][:LETTERS]), {}

    def classifier(self, seed):
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        letters = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), min_df=2, sublinear_tf=True, lowercase=False)
        return make_pipeline(letters, LogisticRegression(C=10, max_iter=500))


class Rows(Contest):
    """Rows of two tables with the same columns."""

    kind = "rows"

    def show(self, rows):
        row = rows.iloc[0]
        cells = [
            [str(name), "no answer" if value != value or value is None else str(value)] for name, value in row.items()
        ]
        return dict(cells=cells[:CELLS], more=max(0, len(cells) - CELLS)), {}

    def features(self):
        import pandas as pd

        both = pd.concat([self.real, self.made], ignore_index=True)
        for name in both:
            if not pd.api.types.is_numeric_dtype(both[name]):
                both[name] = pd.factorize(both[name].astype(str))[0]
        both = both.astype(float).to_numpy()
        return both[: len(self.real)], both[len(self.real) :]

    def classifier(self, seed):
        from sklearn.ensemble import HistGradientBoostingClassifier

        return HistGradientBoostingClassifier(max_iter=100, random_state=seed)


def contest(real, made, rounds):
    """The contest for these rows, or one error that lists everything that keeps them from being compared."""
    kinds = [_kind(real, "real"), _kind(made, "fake")]
    if kinds == ["texts", "numbers"]:
        made, kinds = _as_texts(made, real), ["texts", "texts"]
    if kinds[0] != kinds[1]:
        raise ValueError(f"real are {kinds[0]}, fake are {kinds[1]}: both must be of one kind")
    if kinds[0] == "rows":
        problems = _column_problems(real, made)
        made_of = lambda: Rows(real.reset_index(drop=True), made[list(real.columns)].reset_index(drop=True))
    elif kinds[0] == "texts":
        real, made = _texts(real), _texts(made)
        problems, made_of = [], lambda: Texts(real, made)
    else:
        limits = next((data.range for data in (real, made) if isinstance(data, datasets.Dataset) and data.range), None)
        real, made = (
            data.x if isinstance(data, datasets.Dataset) else as_tensor(data, "rows").cpu() for data in (real, made)
        )
        problems = _shape_problems(real, made)
        images = real.dim() == 4
        made_of = lambda: Images(real, made, limits or _limits(real, made)) if images else Points(real, made)
    size = CLOUD if kinds[0] == "numbers" and not problems and real.dim() == 2 else 1
    for name, rows in (("real", real), ("fake", made)):
        if len(rows) < max(rounds * min(size, 2), size, 2 * FOLDS):
            problems.append(
                f"{name} has {len(rows)} rows: {rounds} rounds need {max(rounds * min(size, 2), size, 2 * FOLDS)}"
            )
    if problems:
        raise ValueError(f"gl.guess: {len(problems)} problem(s)\n  " + "\n  ".join(problems))
    return made_of()


def _kind(rows, name):
    if hasattr(rows, "columns") and hasattr(rows, "iloc"):
        return "rows"
    if isinstance(rows, list | tuple) and rows and all(isinstance(text, str) for text in rows):
        return "texts"
    if isinstance(rows, datasets.Dataset):
        return "texts" if rows.symbols else "numbers"
    if isinstance(rows, torch.Tensor | np.ndarray | list | tuple):
        return "numbers"
    raise TypeError(f"{name}={short(rows)}: give a Dataset, an array, a DataFrame, or a list of texts")


def _as_texts(made, real):
    if not isinstance(real, datasets.Dataset):
        raise ValueError("fake are numbers and real are texts: pass fake as texts too, such as model.text(x)")
    return datasets.as_text(as_tensor(made, "fake"), real.symbols, real.end)


def _texts(rows):
    return rows.text if isinstance(rows, datasets.Dataset) else list(rows)


def _column_problems(real, made):
    missing = [str(name) for name in real.columns if name not in made.columns]
    return [f"fake lacks the column(s) {', '.join(missing)} of real"] if missing else []


def _shape_problems(real, made):
    problems = []
    if real.dim() not in (2, 4) or real.dim() == 2 and real.shape[1] < 2:
        problems.append(
            f"real has shape {tuple(real.shape)}: points are (n, 2 or more), images (n, channels, height, width)"
        )
    if real.shape[1:] != made.shape[1:]:
        problems.append(
            f"real has rows of shape {tuple(real.shape[1:])}, fake of {tuple(made.shape[1:])}: they must be alike"
        )
    problems += [
        f"{name} has values that are not finite"
        for name, x in (("real", real), ("fake", made))
        if not x.isfinite().all()
    ]
    return problems


def _limits(real, made):
    low, high = min(real.min(), made.min()).item(), max(real.max(), made.max()).item()
    return (low, high if high > low else low + 1)


def _network(seed):
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    return make_pipeline(StandardScaler(), MLPClassifier((64,), alpha=1e-2, early_stopping=True, random_state=seed))


def _some(rows, most, rng):
    if len(rows) <= most:
        return rows
    chosen = rng.permutation(len(rows))[:most]
    return [rows[i] for i in chosen] if isinstance(rows, list) else rows[chosen]


def _joined(real, made):
    return np.concatenate([real, made])


def _clouds(truth, belief, size, rng, clouds=400):
    """Truth and mean belief of random clouds of one kind each."""
    means = [rng.choice(belief[truth == kind], (clouds, size)).mean(1) for kind in (0, 1)]
    return np.repeat([0, 1], clouds), np.concatenate(means)
