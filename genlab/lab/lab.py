"""The live lab, as a reader calls it: a model learns before your eyes, and can be held, turned and questioned meanwhile."""

import weakref

import genlab
from genlab import datasets, parts, training
from genlab import metrics as measures
from genlab.lab import asked, loops, page, recipe, views
from genlab.lab.bench import Bench
from genlab.lab.desk import SEEDS, Desk
from genlab.lab.snapshot import snapshot

FIRST_KNOBS = ("lr_g", "lr_d", "r1", "lr", "beta")  # shown where a model has them and nobody asked for others

_labs = weakref.WeakSet()  # so that a new lab can hold those that it replaces


class Lab:
    """A model that learns before your eyes in Jupyter, with buttons, sliders and curves.

    Parameters
    ----------
    model : GAN or other family, or iterable of dict
        An object with steps, state, load_state, set and sample; or a training loop of your own, a generator that yields
        a dict of numbers a step, which can be started, held, stepped and drawn as curves.
    data : Dataset or array_like
        The rows to learn from; not needed for a loop of your own.
    pace : float or None
        Steps a second, so that there is time to look; None for full speed.
    fps : float
        Pictures a second, from 1 to 30.
    knobs : sequence of str, optional
        Knobs in sight at once; by default the few that matter most. The others are a click away.
    loss : (function, function), optional
        A GAN's losses of your own: of (score_real, score_fake) for the discriminator and of score_fake for the
        generator, as in ``gl.gan.LOSSES``. It is taken from the next step on.
    metrics : function (x, data) -> dict of name -> number, or None
        Scores of samples, the first one drawn as a curve; None for no scores.
    presets : dict of name -> dict of knobs, optional
        Settings to choose from at one press, or by :meth:`choose`; ``rows=100`` beside the knobs: of the first 100 rows.

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

    def __init__(
        self, model, data=None, *, pace=100, fps=12, knobs=None, loss=None, metrics=measures.quality, presets=None
    ):
        self.model = asked.check_model(model)
        own = isinstance(self.model, loops.OwnLoop)
        if knobs is None:
            knobs = [name for name in FIRST_KNOBS if hasattr(self.model.hp, name)]
        shown, pace, fps = asked.check_names(self.model.Params, knobs), asked.check_pace(pace), asked.check_fps(fps)
        metrics = None if own else asked.check_metrics(metrics)
        if loss is not None:
            self.model.set(loss=loops.own_loss(asked.check_has_loss(loss, self.model)))
        data = None if own else datasets.as_dataset(data)
        presets = asked.check_presets(self.model, presets)
        self._bench = Bench(self.model, data, shown=shown, pace=pace, fps=fps, metrics=metrics, presets=presets)
        self._desk = Desk(self._bench)
        self._cell, self.replayed = asked.this_cell(), None
        self._replace()

    @classmethod
    def from_recipe(cls, text, *, data=None, loss=None, **options):
        """A lab that learns again what another one did, from the line that :meth:`recipe` gave.

        Parameters
        ----------
        text : str
        data : Dataset or array_like, optional
            The rows, where the recipe was made with some that do not ship with genlab; they must be the same.
        loss : (function, function), optional
            The losses of your own, where it was made with some; checked by their names.
        **options
            fps and metrics of the new lab.

        Returns
        -------
        Lab
            Its attribute `replayed` is "exact", or says from which step on its history differs, as it may on another
            machine.

        Raises
        ------
        ValueError
            One message with everything that is wrong with the text, the rows or the losses.
        """
        wanted = recipe.read(text)
        data = recipe.data_of(wanted, data)
        recipe.check_loss(wanted, None if loss is None else loops.own_loss(loss))
        kind = getattr(genlab, wanted["model"])
        model = kind(data, conditional=wanted["conditional"], seed=wanted["seed"], **wanted["knobs"])
        lab = cls(model, data, pace=wanted["pace"] or None, knobs=wanted["shown"], **options)
        recipe.check_names(wanted, model.Params)
        bench = lab._bench
        bench.locked, bench.hidden = wanted["lock"], wanted["hide"]
        changes = [(step, name, None, new) for step, name, new in wanted["changes"]]
        lab._desk.follow(wanted["steps"], changes, bench.whole_step)
        lab.replayed = recipe.compared(bench.book, wanted["digests"])
        bench.screen.mark(model.log)
        bench.show_all()
        return lab

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
                bench.finish()
                for _ in range(steps):
                    if not bench.whole_step():
                        break
                    if interrupted:
                        bench.stopped = f"interrupted after step {self.model.step}"
                        break
                    bench.score()
                    bench.film_if_due()
        finally:
            bench.show()
        if strict and bench.stopped:
            raise training.Stopped(self)
        return self.history

    def start(self):
        """Let it learn live, at the lab's pace."""
        self._raise()
        self._between(self._desk.start)

    def pause(self):
        """Hold after the present step."""
        self._between(self._desk.pause)

    def step_once(self, player=None):
        """Hold, and take one step; in slow motion one part of a step.

        Parameters
        ----------
        player : "d" or "g", optional
            In a GAN: let only the discriminator, or only the generator, learn in it.
        """
        self._raise()
        able = views.players(self.model)
        if player is not None and player not in able:
            raise ValueError(f"player={player!r}: must be one of {[None, *able]}")
        self._between(self._desk.step_once, player)

    def reset(self):
        """Go back to the state in which the lab got the model: same first weights, same randomness, but the present knobs.

        Knobs that differ from those of that state are logged as changes at its step. The history begins anew.
        """
        self._bench.error = None
        self._between(self._desk.reset)

    def restart(self, **knobs):
        """Begin anew with other knobs, such as ``hidden=32``: a new model of the same seed, and an empty history."""
        self._raise()
        self.model.Params.check(knobs)
        self._between(self._desk.restart, knobs)

    def use(self, data):
        """Begin anew on other rows: points in the plane, as a Dataset or an array of shape (n, 2)."""
        self._raise()
        self._between(self._desk.use, datasets.as_dataset(data))

    def set(self, **changes):
        """Change live knobs from the next step on. Each change is logged, and marked on the curves."""
        self._raise()
        try:
            self.model.Params.check(changes, live_only=True)
        except ValueError as error:
            error.add_note("lab.restart(...) begins anew with any knob.")
            raise
        self._between(self._desk.set, changes)

    def choose(self, name):
        """Take the setting of this name, one of the lab's presets: at once where all that changes is live, else anew."""
        self._raise()
        self._between(self._desk.choose, name)

    def ask(self, **question):
        """Ask something of the picture, as the hand does in the page.

        Parameters
        ----------
        **question
            Of points: ``layers=["real", "made", "grid"]``. Of a latent map: ``way=[[x, y], [x, y]]`` or ``label=3``. Of
            texts: ``prefix="mar"``, ``temperature=0.5`` or ``label=1``.
        """
        self._raise()
        self._between(self._desk.ask, question)

    def rewind(self, step):
        """Go back to a step that was learned, exactly; what follows from there is a branch, see :attr:`branches`.

        Parameters
        ----------
        step : int
            From where the lab got the model to the present one. Knobs are again as they were then.
        """
        self._bench.error = None
        self._between(self._desk.rewind, step)

    def seeds(self, seeds=SEEDS):
        """Learn the present course with other seeds too, with the same changes at the same steps, and show the spread.

        Parameters
        ----------
        seeds : int
            How many, from 2 to 64; they are the numbers after the model's own seed.

        Returns
        -------
        Ensemble
            Its `frame` has a row for each seed and each step kept.
        """
        self._raise()
        self._desk.seeds(asked.check_seeds(seeds), live=False)
        return self._bench.crowd.ensemble

    def recipe(self, *, lock=(), hide=()):
        """One line of text that rebuilds this lab: model, rows, knobs, and every change with its step.

        Parameters
        ----------
        lock, hide : sequence of str
            Knobs that cannot be changed in the lab made from it, or that it does not show.

        Returns
        -------
        str
            JSON, for :meth:`from_recipe`. Rows and losses of your own are named in it, and handed over beside it.
        """
        self._desk._finish()
        asked.check_names(self.model.Params, [*lock, *hide])
        return recipe.write(self._bench, lock=lock, hide=hide)

    def movie(self, path, *, fps=12):
        """Write what the lab has shown as an animated GIF of at most 128 pictures; returns the path.

        A long run is thinned evenly. For a smooth one, train in small bites: ``for _ in range(80): lab.run(10)``.
        """
        return self._bench.film.movie(path, self._bench.screen.picture, fps=asked.check_fps(fps))

    def replay(self, path):
        """Write what the lab has shown as one web page that plays without a kernel, on any device; returns the path."""
        return page.write(path, self._bench, self.recipe() if not self._bench.cannot["restart"] else "")

    @property
    def data(self):
        """The rows that it learns from."""
        return self._bench.data

    @property
    def pace(self):
        """Steps a second of a live run, None for full speed; may be changed while it runs."""
        return self._bench.pace

    @pace.setter
    def pace(self, pace):
        self._between(self._desk.set_pace, asked.check_pace(pace))

    @property
    def slow(self):
        """Whether a live run and :meth:`step_once` go through each step in parts, and name them; may be changed."""
        return self._bench.slow

    @slow.setter
    def slow(self, slow):
        self._between(self._desk.set_slow, slow)

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
    def branches(self):
        """Histories of the branches that :meth:`rewind` has left, the newest last: list of DataFrame."""
        return [book.history for book in self._bench.branches]

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
        rows = f" on {self.data.name!r}" if self.data is not None else ""
        return f"Lab({self.model!r}{rows}; {self.status})"

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
