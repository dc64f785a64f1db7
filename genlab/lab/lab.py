"""The live lab, as a reader calls it: a model learns before your eyes, and can be held, turned and questioned meanwhile."""

import weakref

from genlab import datasets, parts, training
from genlab import metrics as measures
from genlab.lab import asked, views
from genlab.lab.bench import Bench
from genlab.lab.snapshot import snapshot

FIRST_KNOBS = ("lr_g", "lr_d", "r1", "lr", "beta")  # shown where a model has them and nobody asked for others

_labs = weakref.WeakSet()  # so that a new lab can hold those that it replaces


class Lab:
    """A model that learns before your eyes in Jupyter, with buttons, sliders and curves.

    Parameters
    ----------
    model : GAN or other family
        An object with steps, state, load_state, set and sample.
    data : Dataset or array_like
        The rows to learn from.
    pace : float or None
        Steps a second, so that there is time to look; None for full speed.
    fps : float
        Pictures a second, from 1 to 30.
    knobs : sequence of str, optional
        Live knobs to show as sliders; by default the few that matter most.
    metrics : function (x, data) -> dict of name -> number, or None
        Scores of samples, the first one drawn as a curve; None for no scores.

    Examples
    --------
    >>> import genlab as gl
    >>> data = gl.datasets.ring()
    >>> lab = gl.Lab(gl.GAN(data, seed=1), data)
    >>> history = lab.run(steps=20)
    >>> lab.set(lr_g=1e-4)
    >>> lab.log
    [(20, 'lr_g', 0.002, 0.0001)]
    """

    def __init__(self, model, data, *, pace=100, fps=12, knobs=None, metrics=measures.quality):
        self.model, self.data = asked.check_model(model), datasets.as_dataset(data)
        if knobs is None:
            knobs = [name for name in FIRST_KNOBS if hasattr(model.hp, name)]
        self._bench = Bench(
            self.model,
            self.data,
            shown=asked.check_names(model.Params, knobs),
            pace=asked.check_pace(pace),
            fps=asked.check_fps(fps),
            metrics=asked.check_metrics(metrics),
        )
        self._cell = asked.this_cell()
        self._replace()

    def run(self, steps, *, strict=False):
        """Train now and at full speed, with or without a browser; Ctrl-C ends it between two steps.

        Parameters
        ----------
        steps : int
            At least 1.
        strict : bool
            Raise ``training.Stopped`` when it ends early, as numbers that are no longer finite make it.

        Returns
        -------
        DataFrame
            The whole history of the lab.
        """
        asked.check_steps(steps)
        self._raise()
        bench = self._bench
        try:
            with parts.threads(1), training.interrupts() as interrupted:
                for _ in range(steps):
                    if not bench.step():
                        break
                    if interrupted:
                        bench.stopped = f"interrupted after step {self.model.step}"
                        break
                    bench.score()
        finally:
            bench.show()
        if strict and bench.stopped:
            raise training.Stopped(self)
        return self.history

    def start(self):
        """Let it learn live, at the lab's pace."""
        self._raise()
        self._between(self._bench.start)

    def pause(self):
        """Hold after the present step."""
        self._between(self._bench.pause)

    def step_once(self, player=None):
        """Hold, and take one step.

        Parameters
        ----------
        player : "d" or "g", optional
            In a GAN: let only the discriminator, or only the generator, learn in it.
        """
        self._raise()
        able = views.players(self.model)
        if player is not None and player not in able:
            raise ValueError(f"player={player!r}: must be one of {[None, *able]}")
        self._between(self._bench.step_once, player)

    def reset(self):
        """Go back to the state in which the lab got the model: same first weights, same randomness, but the present knobs.

        Knobs that differ from those of that state are logged as changes at its step. The history begins anew.
        """
        self._bench.error = None
        self._between(self._bench.reset)

    def set(self, **changes):
        """Change live knobs from the next step on. Each change is logged, and marked on the curves."""
        self._raise()
        self.model.Params.check(changes, live_only=True)
        self._between(self._bench.set, changes)

    @property
    def pace(self):
        """Steps a second of a live run, None for full speed; may be changed while it runs."""
        return self._bench.live.pace

    @pace.setter
    def pace(self, pace):
        self._between(self._bench.set_pace, asked.check_pace(pace))

    @property
    def running(self):
        """Whether it learns live."""
        return self._bench.live.running

    @property
    def log(self):
        """Every change of a knob: list of (step, name, old, new)."""
        return self.model.log

    @property
    def history(self):
        """DataFrame by step: the loop's numbers, and the scores in the steps in which they were taken."""
        return self._bench.book.history

    @property
    def scores(self):
        """The newest scores by name, each with its floor."""
        return dict(self._bench.book.newest)

    @property
    def status(self):
        """One sentence on what is happening."""
        return self._bench.stage.status

    @property
    def stopped(self):
        """Why learning came to an end before it was asked to, as a sentence; None where it did not."""
        return self._bench.stopped

    def snapshot(self):
        """The present state as a static figure with alt text, for readers of a page without a kernel."""
        return snapshot(self, self._bench.screen.picture)

    def _repr_mimebundle_(self, include=None, exclude=None):
        """The live view, beside a still picture for pages without a kernel. Never any saved state of the widget."""
        view = dict(version_major=2, version_minor=0, model_id=self._bench.stage.model_id)
        still = self.snapshot()
        bundle = {"application/vnd.jupyter.widget-view+json": view, "text/plain": f"{self!r}\n{still.alt}"}
        return bundle | {"image/png": still.png(dpi=50)}

    def __repr__(self):
        return f"Lab({self.model!r} on {self.data.name!r}; {self.status})"

    def _between(self, function, *args):
        self._bench.live.between(function, *args)

    def _raise(self):
        """Raise what went wrong since the last call, once."""
        error, self._bench.error = self._bench.error, None
        if error is not None:
            raise error

    def _replace(self):
        """Hold every older lab of the same model, and those that this cell made when it was run before."""
        for lab in list(_labs):
            again = self._cell and lab._cell and self._cell[0] == lab._cell[0] and self._cell[1] != lab._cell[1]
            if lab.running and (lab.model is self.model or again):
                lab.pause()
        _labs.add(self)
