"""What a failure is: a healthy setting, one cause, remedies, a measure, and limits that are the same for all arms."""

import dataclasses
import typing

HEALTHY, CAUSE, REMEDY = "healthy", "cause", "remedy"


@dataclasses.dataclass(frozen=True)
class Arm:
    """One setting of a study.

    Attributes
    ----------
    name : str
    kind : "healthy", "cause" or "remedy"
    change : dict
        Knobs that differ: of the cause from the healthy setting, of a remedy from the cause.
    text : str
        One sentence: what is changed, and why it might matter.
    first : dict
        Live knobs that differ at first, for `first_steps` of all steps: ``dict(g_every=0)`` gives a discriminator a
        head start.
    first_steps : int
    rows : int
        Rows to learn from; 0: all.
    steps : int
        To learn; 0: as many as the failure says.
    draw : dict
        How samples are drawn for the measure, such as ``dict(temperature=0.3)``: arguments of ``sample``.

    Notes
    -----
    Of `first`, `rows`, `steps` and `draw` a remedy has those of the cause, unless it has its own.
    """

    name: str
    kind: str
    change: dict
    text: str
    first: dict = dataclasses.field(default_factory=dict)
    first_steps: int = 0
    rows: int = 0
    steps: int = 0
    draw: dict = dataclasses.field(default_factory=dict)

    @property
    def changes(self):
        """All that it changes, as a dict of what -> value."""
        own = {name: getattr(self, name) for name in ("rows", "steps") if getattr(self, name)}
        first = {f"{name} for {self.first_steps:,} steps": value for name, value in self.first.items()}
        return self.change | first | own | self.draw


@dataclasses.dataclass(frozen=True)
class Limit:
    """What a healthy run must reach: at least `low`, at most `high`; NaN never does."""

    low: float = -float("inf")
    high: float = float("inf")

    def holds(self, value):
        return self.low <= value <= self.high

    def __str__(self):
        return f"at least {self.low:g}" if self.high == float("inf") else f"at most {self.high:g}"


@dataclasses.dataclass(frozen=True)
class Failure:
    """A failure, broken on purpose: the record from which its study, its lab and its diagram are made.

    Attributes
    ----------
    name, title : str
    model : class
        The family, such as :class:`genlab.GAN`.
    data : function () -> Dataset
    healthy : dict
        Knobs of the setting that works.
    steps : int
        That every arm learns.
    cause : Arm
        The one thing that breaks it.
    remedies : tuple of Arm
        What is said to mend it, whether or not it does: the study tells.
    measure : function (ensemble, data, watched) -> dict of name -> list of float
        One number a seed.
    limits : dict of name -> Limit
        A run is healthy when every measure named here keeps its limit. Set by other seeds than those of a study.
    grid : dict of knob -> list
        Values that a phase diagram tries.
    shown : sequence of str
        Knobs in sight in the lab.
    watch : function (model, data) -> object, optional
        What to look at while it learns, every so many steps, for `measure` to judge: a list of (step, value).
    every : int
        Steps between two looks.
    symptom : str
        What a reader sees first.
    why : str
        Three sentences.
    source : str
        Authors and year.
    """

    name: str
    title: str
    model: type
    data: typing.Callable
    healthy: dict
    steps: int
    cause: Arm
    remedies: tuple
    measure: typing.Callable
    limits: dict
    grid: dict
    shown: tuple
    symptom: str
    why: str
    source: str
    watch: typing.Callable | None = None
    every: int = 50

    @property
    def arms(self):
        """Healthy first, then the cause, then the remedies."""
        return (Arm(HEALTHY, HEALTHY, {}, "The setting that works."), self.cause, *self.remedies)

    def knobs(self, arm):
        """All knobs of an arm, or of that with this name."""
        arm = arm if isinstance(arm, Arm) else self.arm(arm)
        above = {} if arm.kind == HEALTHY else self.cause.change
        return self.healthy | above | arm.change

    def plan(self, arm):
        """An arm with what it has from the cause filled in."""
        if arm.kind != REMEDY:
            return arm
        inherited = {name: getattr(self.cause, name) for name in ("rows", "steps", "draw") if not getattr(arm, name)}
        if not arm.first_steps:
            inherited |= dict(first=self.cause.first, first_steps=self.cause.first_steps)
        return dataclasses.replace(arm, **inherited)

    def arm(self, name):
        """The arm of this name."""
        found = {arm.name: arm for arm in self.arms}
        if name not in found:
            raise ValueError(f"arm={name!r}: {self.name} has {', '.join(map(repr, found))}")
        return found[name]

    def failed(self, measures):
        """Whether a run with these measures, a dict of name -> float, breaks a limit."""
        return not all(limit.holds(measures[name]) for name, limit in self.limits.items())

    def study(self, seeds=8, **options):
        """Train every arm with every seed and judge each run by the same limits: :func:`genlab.failures.study.run`."""
        from genlab.failures.study import run

        return run(self, seeds, **options)

    def stored(self):
        """The study that ships with genlab, as a Study that says on which machine and when it was made."""
        from genlab.failures.stored import load

        return load(self)

    def again(self):
        """A button that makes the study anew on this machine, and shows it."""
        from genlab import plots
        from genlab.lab.again import again

        def work():
            study = self.study()
            plots.show(study.figure())
            print(study.sentence())

        return again(f"Make the study of {self.title.lower()} again", work)

    def lab(self, seed=1, *, rows=0, **options):
        """The live lab of the healthy setting; the cause is one press of a button, and so is each remedy.

        Parameters
        ----------
        seed : int
        rows : int
            Rows to learn from where an arm says nothing of them; 0: all.
        **options
            Those of :class:`genlab.Lab`.

        Notes
        -----
        Arms that only stop at another step, or only draw in another way, have no button: press Pause at that step.
        """
        from genlab.lab import Lab

        data, options, presets = self.data().head(rows), {"knobs": self.shown} | options, {}
        for arm in self.arms:
            if not (arm.steps or arm.draw):
                learns = self.plan(arm).rows
                presets[arm.name] = self.knobs(arm) | ({"rows": learns} if learns else {})
        presets |= {f"{arm.name}: at first": self.knobs(arm) | arm.first for arm in self.arms if arm.first}
        return Lab(self.model(data, seed=seed, **self.healthy), data, presets=presets, **options)

    def explain(self):
        """Print why it happens, in three sentences, and where that was found."""
        import textwrap

        for text in (self.title, self.why, self.source):
            print(textwrap.fill(text, 96))

    def __repr__(self):
        return f"Failure({self.name!r}: {self.cause.name}; remedies: {', '.join(arm.name for arm in self.remedies)})"
