"""From what a run shows to what it has: a chart of all failures, and sick runs without a name to try it on."""

import dataclasses

import numpy as np

import genlab.failures as failures
from genlab.datasets import as_text
from genlab.failures.study import trained

WARDS = (  # failures that are told apart by the same measures
    ("mode_collapse", "instability", "discriminator_ahead", "discriminator_behind"),
    ("mode_collapse_digits", "memorisation", "early_noise"),
    ("blurriness", "posterior_collapse", "too_little_data", "too_little_training"),
    ("limited_context", "vanishing_gradient"),
)
EVERY = 25  # steps between two looks


def names(among=None):
    """Names of the failures that a mystery may have.

    Parameters
    ----------
    among : sequence of str, optional
        Only these.
    """
    known = [name for ward in WARDS for name in ward]
    wrong = sorted(set(known if among is None else among) - set(known))
    if wrong or among is not None and not len(among):
        raise ValueError(f"among={among!r}: names of sick runs are {', '.join(map(repr, known))}")
    return known if among is None else list(among)


def key(seeds=20, among=None):
    """For the instructor: which failure each of so many seeds has, as a dict of seed -> name."""
    chosen = names(among)
    return {seed: chosen[int(np.random.default_rng(seed).integers(len(chosen)))] for seed in range(seeds)}


class Mystery:
    """A sick run beside a healthy one of the same model.

    Parameters
    ----------
    seed : int
        Which one: the same seed has the same sickness everywhere.
    among : sequence of str, optional
        Names of failures to choose from.

    Examples
    --------
    >>> import genlab as gl
    >>> sick = gl.failures.mystery(seed=3)
    >>> sick
    Mystery(seed=3): look at it by .panel(), and say what it is by .diagnose('...')
    """

    def __init__(self, seed=0, among=None):
        from genlab.rows import is_whole

        if not is_whole(seed, 0, 2**31):
            raise ValueError(f"seed={seed!r}: must be a whole number of at least 0")
        self.seed, self.names = int(seed), names(among)
        self._name = self.names[int(np.random.default_rng(self.seed).integers(len(self.names)))]
        self._runs = None

    @property
    def _failure(self):
        return failures[self._name]

    def runs(self):
        """Train both, once: a dict of "sick" and "healthy" to (ensemble of one, measures)."""
        if self._runs is None:
            failure, doctors = self._failure, [failures[name] for name in self._ward()]
            watchers = {doctor.name: doctor.watch for doctor in doctors if doctor.watch}

            def watch(model, data):
                return {name: look(model, data) for name, look in watchers.items()}

            looked_at = dataclasses.replace(failure, watch=watch if watchers else None, every=EVERY)
            data, self._runs = failure.data(), {}
            for title, arm in {"sick": failure.cause, "healthy": failure.arms[0]}.items():
                group, seen = trained(looked_at, arm, [self.seed], failure.steps, data)
                found = {}
                for doctor in doctors:
                    own = [(step, values[doctor.name]) for step, values in seen] if doctor.watch else []
                    found |= {name: float(value[0]) for name, value in doctor.measure(group, data, own).items()}
                self._runs[title] = group, found
        return self._runs

    def panel(self):
        """Draw how both learned and what they make; returns the measures of both, a DataFrame."""
        import pandas as pd

        from genlab import plots

        runs, data = self.runs(), self._failure.data()
        history = {title: group.run.history.droplevel(1, axis=1) for title, (group, _) in runs.items()}
        losses = list(history["healthy"].columns)
        drawn = plots.axes(len(losses) + 2, size=(2.9, 2.6))
        for ax, name in zip(drawn, losses, strict=False):
            both = pd.DataFrame({title: frame[name] for title, frame in history.items()})
            plots.curves(ax, both.rolling(20, min_periods=1).mean().where(both.notna()), title=name)
        for ax, (title, (group, _)) in zip(drawn[-2:], runs.items(), strict=True):
            made = group.sample(400 if data.modes is not None else 36, seed=0)[0]
            _samples(ax, made, data, title)
        plots.show(drawn[0])
        found = pd.DataFrame({title: found for title, (_, found) in runs.items()})
        return found.map(lambda value: float(f"{value:.3g}")).astype(object)  # each number in its own notation

    def diagnose(self, name):
        """Say what it is: the name of a failure; prints whether that is right, and what would speak for it."""
        if name not in self.names:
            raise ValueError(f"name={name!r}: must be one of {', '.join(map(repr, self.names))}")
        if name == self._name:
            print("Yes.")
            return self.reveal()
        print(
            f"No: that one shows {failures[name].symptom}. Look at what is far from healthy here, and at what is not."
        )

    def reveal(self):
        """Print what it is, why it happens, and what cures it by the stored study."""
        failure = self._failure
        print(f"{failure.name}: {failure.cause.name}. {failure.cause.text}")
        failure.explain()
        print("cured by:", "; ".join(failure.stored().cures) or "nothing that was tried")

    def _ward(self):
        return next(ward for ward in WARDS if self._name in ward)

    def __repr__(self):
        return f"Mystery(seed={self.seed}): look at it by .panel(), and say what it is by .diagnose('...')"


def _samples(ax, made, data, title):
    from genlab import plots

    if len(data.shape) == 3:
        plots.images(ax, made, columns=6, limits=data.range)
    elif data.levels is None:
        plots.points(ax, data.x[:400], made)
        ax.get_legend().remove()
    else:
        rows = as_text(made[:12], data.symbols, data.end)
        ax.text(0.5, 0.5, "\n".join(rows), ha="center", va="center", family="monospace", transform=ax.transAxes)
        ax.set_axis_off()
        plots.describe(ax, "Rows made: " + " ".join(rows))
    ax.set_title(f"made by the {title} run")


def chart():
    """One page for all failures: symptom, measure, likely cause, what cures it and what does not, by the stored studies.

    Returns
    -------
    DataFrame
        Indexed by the failure's name.
    """
    import pandas as pd

    rows = {}
    for name, failure in failures.items():
        study = failure.stored()
        no = [arm.name for arm in failure.remedies if arm.name not in study.cures]
        rows[name] = {
            "symptom": failure.symptom,
            "measure": " and ".join(f"{measure} {limit}" for measure, limit in failure.limits.items())
            + " when healthy",
            "likely cause": f"{failure.cause.name}: {failure.cause.text}",
            "remedy": "; ".join(study.cures) or "none found but undoing the cause",
            "does not cure": "; ".join(no),
        }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("failure")
