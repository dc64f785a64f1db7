"""What every family's model object does: check, set knobs, feed the loop, save, load.

A model only holds networks, optimisers, knobs and random streams together. How it learns stands in the family's loop
(``gan_steps`` and its sisters); a family adds ``build`` (its networks), ``loop`` (that function) and ``sample``.
"""

import dataclasses
import itertools
import math

import torch

from genlab import datasets, storage
from genlab.parts import INITIALISE, LEARN, LOOK, MAX_SEED, Batches, Scale, Streams, pick_device
from genlab.rows import MAX_ROW, MAX_VALUES, as_labels, as_tensor, is_whole

MAX_MEMBERS = 1024  # of a stack


class Model:
    """Base of the families. See :class:`genlab.GAN` for the use.

    Attributes
    ----------
    hp : Params
        The knobs' present values.
    log : list of (step, name, old, new)
        Every change of a knob since the start.
    step : int
        Steps learned so far.
    """

    Params = None
    facts = ()  # names of what else it takes from its data and keeps in its files, as JSON values
    networks = ()  # names of the attributes that hold networks and optimisers
    optimisers = ()

    def __init__(self, data, *, conditional=False, seed=0, device="auto", **knobs):
        data, seed = datasets.as_dataset(data), as_seed(seed)
        problems = _seed_problems(seed)
        if conditional and not data.classes:
            problems.append(
                f"conditional=True: the data {data.name!r} have no labels; give y, or leave conditional out"
            )
        if math.prod(data.shape) > MAX_ROW:
            problems.append(f"rows of shape {data.shape}: at most {MAX_ROW:,} numbers a row")
        facts = {name: getattr(data, name) for name in self.facts}
        self.Params.check(knobs, also=problems + self.fact_problems(data.shape, **facts))
        self._set_up(
            shape=data.shape,
            classes=data.classes if conditional else 0,
            facts=facts,
            scale=self.scale_of(data),
            image=data.range is not None,
            seed=seed,
            device=device,
            hp=self.Params(**knobs),
            init=Streams(seed, INITIALISE),
        )
        self._suits(data.name, self.scale.forward(data.x.to(self.device)))

    scale_of = staticmethod(Scale.of)  # how it sees native values

    @classmethod
    def fact_problems(cls, shape):
        """What is wrong with the `facts` of data with rows of `shape`, which a family takes as keywords: a list."""
        return []

    def _set_up(self, *, shape, classes, facts, scale, image, seed, device, hp, init):
        self.shape, self.classes, self.scale, self.image = tuple(shape), classes, scale, image
        self.seed, self.hp, self.device = seed, hp, pick_device(device)
        vars(self).update(facts)
        self.cursor, self.log = {"step": 0, "rows": 0}, []
        self.fingerprint = self.data_name = self.data_call = None
        self.rng, self.looks = Streams(seed, LEARN, self.device), Streams(seed, LOOK, self.device)
        self.build(init)
        self.scale.shift, self.scale.factor = scale.shift.to(self.device), scale.factor.to(self.device)

    @property
    def step(self):
        return self.cursor["step"]

    @property
    def members(self):
        """Number of models in a stack, None for a single one."""
        return self.rng.members

    def set(self, **changes):
        """Change live knobs from the next step on. Each change goes into `log`."""
        self.Params.check(changes, live_only=True)
        for name, new in changes.items():
            old = getattr(self.hp, name)
            new = type(old)(new)
            if old != new:
                self.log.append((self.step, name, old, new))
                setattr(self.hp, name, new)

    def steps(self, data, *, stages=False, **changes):
        """The training loop on `data`, from where it stopped: an endless iterator of records, one a step.

        Parameters
        ----------
        data : Dataset or array_like
            The rows to learn from; the same ones each time.
        stages : bool
            Yield also inside a step, after each of its parts.
        **changes
            Live knobs to set first, for example ``batch_size=128``.
        """
        data = datasets.as_dataset(data)
        if data.shape != self.shape:
            raise ValueError(
                f"data {data.name!r} have rows of shape {data.shape}; this model was made for {self.shape}"
            )
        other = [name for name in self.facts if getattr(data, name) != getattr(self, name)]
        if other:
            wrong = ", ".join(f"{name}={getattr(data, name)!r} and not {getattr(self, name)!r}" for name in other)
            raise ValueError(f"data {data.name!r} have {wrong}: this model was made for other rows")
        if self.classes and data.classes > self.classes or self.classes and data.y is None:
            raise ValueError(f"data {data.name!r} have {data.classes} labels; this model was made for {self.classes}")
        fingerprint = data.fingerprint
        if self.step and self.fingerprint != fingerprint:
            raise ValueError(
                f"these are not the rows that this model has learned from for {self.step} steps (fingerprint "
                f"{fingerprint}, not {self.fingerprint}): pass the same data, or make a new model for these"
            )
        x = self.scale.forward(data.x.to(self.device))
        self._suits(data.name, x)
        self.set(**changes)
        self.fingerprint, self.data_name, self.data_call = fingerprint, data.name, data.call
        y = data.y.to(self.device) if self.classes else None
        return self.loop(Batches(x, y, self.hp, self.seed, self.cursor), stages=stages)

    def restart(self, data, **knobs):
        """Begin anew in place: first weights of the same seed, for `data`, with the present knobs but for those given."""
        fresh = type(self)(
            data,
            conditional=bool(self.classes),
            seed=self.seed,
            device=self.device,
            **dataclasses.asdict(self.hp) | knobs,
        )
        vars(self).clear()
        vars(self).update(vars(fresh))
        return self

    def state(self):
        """Everything that learning depends on: tensors by name, and the rest as JSON values."""
        tensors = {"rng": self.rng.state(), "scale/shift": self.scale.shift, "scale/factor": self.scale.factor}
        for part in self.networks + self.optimisers:
            tensors |= {f"{part}/{name}": value for name, value in getattr(self, part).state_dict().items()}
        rest = dict(
            model=type(self).__name__,
            hp=dataclasses.asdict(self.hp),
            log=[list(entry) for entry in self.log],
            cursor=dict(self.cursor),
            seed=self.seed,
            shape=list(self.shape),
            classes=self.classes,
            image=self.image,
            fingerprint=self.fingerprint,
            data=[self.data_name, self.data_call],
            **{name: getattr(self, name) for name in self.facts},
        )
        return {name: tensor.detach().clone().cpu() for name, tensor in tensors.items()}, rest

    def load_state(self, tensors, rest):
        """Go back to a `state()` of this model, or of one made with the same data and seed."""
        problems = self._mismatch(tensors, rest)
        if problems:
            raise ValueError("this state is of another model:\n  " + "\n  ".join(problems))
        vars(self.hp).update(vars(self.Params(**rest["hp"])))
        self.cursor.update(rest["cursor"])
        self.log[:] = [tuple(entry) for entry in rest["log"]]
        self.fingerprint, (self.data_name, self.data_call) = rest["fingerprint"], rest["data"]
        self.rng.load_state(tensors["rng"])
        self.scale.shift = tensors["scale/shift"].to(self.device, copy=True)
        self.scale.factor = tensors["scale/factor"].to(self.device, copy=True)
        for part in self.networks + self.optimisers:
            own = {name.partition("/")[2]: tensor for name, tensor in tensors.items() if name.startswith(part + "/")}
            getattr(self, part).load_state_dict(own)
        return self

    def save(self, path):
        """Write the model to a safetensors file; :meth:`load` gives it back, ready to go on bit for bit."""
        return storage.save(path, *self.state())

    @classmethod
    def load(cls, path, *, device="auto"):
        """Read a model that :meth:`save` wrote.

        Raises
        ------
        StorageError
            The file is cut off, changed, too large, of a newer format, or of another family.
        """
        rest, outline = storage.load_header(path)
        try:
            problems = storage.problems(rest, cls.__name__, cls.Params) or _seed_problems(rest["seed"])
            facts = {name: rest.get(name) for name in cls.facts}
            problems = problems or cls.fact_problems(rest["shape"], **facts)
            if problems:
                raise ValueError("; ".join(problems))
            model = cls.__new__(cls)
            size = () if rest["image"] else tuple(rest["shape"])
            room = sum(tensor.numel() for tensor in outline.values())
            model._set_up(
                **{name: rest[name] for name in ("shape", "classes", "image", "seed")},
                facts=facts, scale=Scale(torch.zeros(size), torch.ones(size)), device=device, hp=cls.Params(**rest["hp"]),
                init=_Bounded(rest["seed"], INITIALISE, room),
            )  # fmt: skip
            problems = model._mismatch(outline, rest)
            if problems:
                raise ValueError("; ".join(problems))
            return model.load_state(storage.load_tensors(path, rest), rest)
        except storage.StorageError:
            raise
        except (ValueError, RuntimeError) as error:  # RuntimeError: torch does not take the streams' state
            raise storage.StorageError(f"{path} cannot be loaded as a {cls.__name__}: {error}") from error

    def _mismatch(self, tensors, rest):
        """What keeps a state from being one of this model; of the tensors only their kind is looked at."""
        own, own_rest = self.state()
        fixed = ("model", "shape", "classes", "image", "seed", *self.facts)
        wrong = [
            f"{name} is {rest.get(name)}, not {own_rest[name]}" for name in fixed if rest.get(name) != own_rest[name]
        ]
        wrong += [f"{name} is missing" for name in own if name not in tensors][:3]
        wrong += [f"{name} is not a part of it" for name in tensors if name not in own][:3]
        kinds = [(name, _kind(tensor), _kind(own[name])) for name, tensor in tensors.items() if name in own]
        return wrong + [f"{name} is {kind}, not {expected}" for name, kind, expected in kinds if kind != expected][:3]

    def unfit(self, x):
        """Why it cannot learn rows x, scaled, as a list of sentences; a family adds its reasons."""
        return []

    def _suits(self, name, x):
        problems = self.unfit(x)
        if problems:
            raise ValueError(f"data {name!r} do not suit this {type(self).__name__}: " + "; ".join(problems))

    def _look(self, seed):
        """The stream that a look draws from: the model's own, or a fixed one for `seed`."""
        if seed is None:
            return self.looks
        if not is_whole(seed, 0, MAX_SEED):
            raise ValueError(f"seed={seed!r}: must be a whole number from 0 to 2**63 - 1")
        seeds = int(seed) if self.members is None else [int(seed) + k for k in range(self.members)]
        return Streams(seeds, LOOK, self.device)

    def _rows(self, values, shape, name):
        """`values` as rows of `shape` on the model's device; members of a stack get the same rows, or each its own."""
        rows, stack = as_tensor(values, name), self.members is not None
        if stack and rows.dim() == len(shape) + 1:
            rows = rows.expand(self.members, *rows.shape)
        if rows.shape[1 + stack :] != shape or stack and len(rows) != self.members:
            members = f", or ({self.members}, n, ...) for a stack" if stack else ""
            wanted = ", ".join(map(str, ("n", *shape)))
            raise ValueError(f"{name} has shape {tuple(rows.shape)}: this model takes ({wanted}){members}")
        return rows.to(self.device)

    def _labels(self, n, y, stream=None):
        """Labels for n rows: one for all or one each; a random one each from `stream`; None for a model without labels."""
        if not self.classes:
            if y is not None:
                raise ValueError(f"y={y!r}: this {type(self).__name__} knows no labels; make it with conditional=True")
            return None
        if y is None and stream is None:
            raise ValueError(
                f"y is missing: this {type(self).__name__} is conditional and needs one label for all rows, or {n}"
            )
        if y is None:
            y = (stream.uniform(n) * self.classes).long()
        shape = (n,) if self.members is None else (self.members, n)
        y = as_labels(y, self.classes)
        if y.dim() > len(shape) or y.shape not in ((), (1,), (n,), shape):
            raise ValueError(f"y has shape {tuple(y.shape)}: give one label for all, or one for each of the {n} rows")
        return y.expand(shape).to(self.device)

    def _how_many(self, n):
        if not is_whole(n, 1):
            raise ValueError(f"n={n!r}: must be a whole number of at least 1")
        limit = MAX_VALUES // (math.prod(self.shape) * (self.members or 1))
        if n > limit:
            raise ValueError(f"n={n:,}: at most {limit:,} samples at once; draw them in parts")
        return int(n)

    def __repr__(self):
        seeds = f"seed={self.seed}" if self.members is None else f"a stack of {self.members} seeds"
        return f"{type(self).__name__}(rows of shape {self.shape}, {seeds}, step {self.step})"


class _Bounded(Streams):
    """First weights for a model from a file: never more numbers than the file holds, however large it claims to be."""

    def __init__(self, seed, purpose, room):
        super().__init__(seed, purpose)
        self.room = room

    def draw(self, function, *shape):
        self.room -= len(self.generators) * math.prod(shape)
        if self.room < 0:
            raise ValueError("its knobs ask for larger networks than it holds")
        return super().draw(function, *shape)


def as_seed(seed):
    """A seed as a Python int, several as a list of them; what is neither comes back as it is, for the check to name."""
    try:
        several = [] if isinstance(seed, (str, bytes)) else itertools.islice(seed, MAX_MEMBERS + 1)
    except TypeError:
        return int(seed) if is_whole(seed, -MAX_SEED, MAX_SEED) else seed
    return [as_seed(one) for one in several] or seed


def _seed_problems(seed):
    seeds = seed if isinstance(seed, list) else [seed]
    if not 1 <= len(seeds) <= MAX_MEMBERS:
        return [f"seed holds {'too many' if seeds else 'no'} numbers: a stack has 1 to {MAX_MEMBERS} members"]
    bad = [one for one in seeds if not is_whole(one, 0, MAX_SEED)]
    if bad:
        return [f"seed={bad[0]!r}: must be a whole number from 0 to 2**63 - 1, or several for a stack"]
    if len(set(seeds)) < len(seeds):
        return ["seed names one number twice: the members of a stack need different ones"]
    return []


def _kind(tensor):
    return f"{tuple(tensor.shape)} of {str(tensor.dtype).removeprefix('torch.')}"
