"""What every family's model object does: check, set knobs, feed the loop, save, load.

A model only holds networks, optimisers, knobs and random streams together. How it learns stands in the family's loop
(``gan_steps`` and its sisters); a family adds ``build`` (its networks), ``loop`` (that function) and ``sample``.
"""

import dataclasses
import math
import numbers

import torch

from genlab import datasets, storage
from genlab.parts import INITIALISE, LEARN, LOOK, MAX_SEED, Batches, Scale, Streams, pick_device

MAX_MEMBERS, MAX_ROW = 1024, 65_536  # members of a stack, numbers in one row: bounds on what a file may ask for


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
    networks = ()  # names of the attributes that hold networks and optimisers
    optimisers = ()

    def __init__(self, data, *, conditional=False, seed=0, device="auto", **knobs):
        data = datasets.as_dataset(data)
        problems = _seed_problems(seed)
        if conditional and not data.classes:
            problems.append(f"conditional=True: the data {data.name!r} have no labels; give y, or leave conditional out")
        if math.prod(data.shape) > MAX_ROW:
            problems.append(f"rows of shape {data.shape}: at most {MAX_ROW:,} numbers a row")
        self.Params.check(knobs, also=problems)
        self._set_up(
            shape=data.shape,
            classes=data.classes if conditional else 0,
            scale=Scale.of(data),
            image=data.range is not None,
            seed=int(seed) if isinstance(seed, numbers.Integral) else [int(s) for s in seed],
            device=device,
            hp=self.Params(**knobs),
        )

    def _set_up(self, *, shape, classes, scale, image, seed, device, hp):
        self.shape, self.classes, self.scale, self.image = tuple(shape), classes, scale, image
        self.seed, self.hp, self.device = seed, hp, pick_device(device)
        self.cursor, self.log = {"step": 0, "rows": 0}, []
        self.fingerprint = self.data_name = self.data_call = None
        self.rng, self.looks = Streams(seed, LEARN, self.device), Streams(seed, LOOK, self.device)
        self.build(Streams(seed, INITIALISE))
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
            if old != new:
                self.log.append((self.step, name, old, new))
                setattr(self.hp, name, type(old)(new))

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
            raise ValueError(f"data {data.name!r} have rows of shape {data.shape}; this model was made for {self.shape}")
        if self.classes and data.classes > self.classes or self.classes and data.y is None:
            raise ValueError(f"data {data.name!r} have {data.classes} labels; this model was made for {self.classes}")
        if self.fingerprint not in (None, data.fingerprint):
            raise ValueError(
                f"these are not the rows that this model has learned from for {self.step} steps (fingerprint "
                f"{data.fingerprint}, not {self.fingerprint}): pass the same data, or make a new model for these"
            )
        self.set(**changes)
        self.fingerprint, self.data_name, self.data_call = data.fingerprint, data.name, data.call
        x = self.scale.forward(data.x.to(self.device))
        y = data.y.to(self.device) if self.classes else None
        return self.loop(Batches(x, y, self.hp, self.seed, self.cursor), stages=stages)

    def state(self):
        """Everything that learning depends on: tensors by name, and the rest as JSON values."""
        tensors = {"rng": self.rng.state(), "scale/shift": self.scale.shift, "scale/factor": self.scale.factor}
        for part in self.networks:
            tensors |= {f"{part}/{name}": value for name, value in getattr(self, part).state_dict().items()}
        for part in self.optimisers:
            for i, slots in getattr(self, part).state_dict()["state"].items():
                tensors |= {f"{part}/{i}/{name}": value for name, value in slots.items()}
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
        )
        return {name: tensor.detach().clone().cpu() for name, tensor in tensors.items()}, rest

    def load_state(self, tensors, rest):
        """Go back to a `state()` of this model, or of one made alike."""
        problems = self._mismatch({name: tuple(tensor.shape) for name, tensor in tensors.items()})
        if problems:
            raise ValueError("this state is of another model:\n  " + "\n  ".join(problems))
        for name, value in rest["hp"].items():
            setattr(self.hp, name, value)
        self.cursor.update(rest["cursor"])
        self.log[:] = [tuple(entry) for entry in rest["log"]]
        self.fingerprint, (self.data_name, self.data_call) = rest["fingerprint"], rest["data"]
        self.rng.load_state(tensors["rng"])
        self.scale.shift = tensors["scale/shift"].to(self.device)
        self.scale.factor = tensors["scale/factor"].to(self.device)
        for part in self.networks:
            getattr(self, part).load_state_dict(_below(tensors, part))
        for part in self.optimisers:
            slots = {}
            for path, value in _below(tensors, part).items():
                i, _, name = path.partition("/")
                slots.setdefault(int(i), {})[name] = value.clone()
            optimiser = getattr(self, part)
            optimiser.load_state_dict({"state": slots, "param_groups": optimiser.state_dict()["param_groups"]})
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
        rest, shapes = storage.load_header(path)
        try:
            if rest["model"] != cls.__name__:
                raise ValueError(f"it holds a {rest['model']}, not a {cls.__name__}")
            problems = _seed_problems(rest["seed"]) + _header_problems(rest)
            cls.Params.check(rest["hp"], also=problems)
            scale = Scale(torch.zeros(shapes["scale/shift"]), torch.ones(shapes["scale/factor"]))
            model = cls.__new__(cls)
            model._set_up(
                scale=scale, device=device, hp=cls.Params(**rest["hp"]),
                **{name: rest[name] for name in ("shape", "classes", "image", "seed")},
            )  # fmt: skip
            problems = model._mismatch(shapes)
            if problems:
                raise ValueError("; ".join(problems))
        except (ValueError, KeyError, TypeError) as error:
            raise storage.StorageError(f"{path} cannot be loaded as a {cls.__name__}: {error}") from error
        return model.load_state(storage.load_tensors(path), rest)

    def _mismatch(self, shapes):
        """What is missing, left over or of another shape, among tensors named and shaped as `shapes`."""
        expected = {name: tuple(tensor.shape) for name, tensor in self.state()[0].items() if not _is_slot(name, self)}
        for part in self.optimisers:
            for i, parameter in enumerate(getattr(self, part).param_groups[0]["params"]):
                for slot in ("exp_avg", "exp_avg_sq", "step"):
                    name = f"{part}/{i}/{slot}"
                    if name in shapes:  # an optimiser that has not moved yet has no slots
                        expected[name] = () if slot == "step" else tuple(parameter.shape)
        missing = [f"{name} is missing" for name in expected if name not in shapes]
        extra = [f"{name} is not a part of it" for name in shapes if name not in expected]
        wrong = [f"{n} has shape {s}, not {expected[n]}" for n, s in shapes.items() if n in expected and s != expected[n]]
        return missing[:3] + extra[:3] + wrong[:3]

    def _look(self, seed):
        """The stream that a look draws from: the model's own, or a fixed one for `seed`."""
        if seed is None:
            return self.looks
        return Streams(seed if self.members is None else [seed + k for k in range(self.members)], LOOK, self.device)

    def _labels(self, n, y, stream):
        """Labels for n samples: those asked for, or a random one each; None for a model without labels."""
        if not self.classes:
            if y is not None:
                raise ValueError(f"y={y!r}: this {type(self).__name__} knows no labels; make it with conditional=True")
            return None
        if y is None:
            y = (stream.uniform(n) * self.classes).long()
        y = torch.as_tensor(y, device=self.device)
        if y.is_floating_point() or y.dim() > 1 and self.members is None or y.numel() not in (1, n, n * (self.members or 1)):
            raise ValueError(f"y has {y.numel()} value(s) of {y.dtype}: give one whole number, or one for each of n={n}")
        if y.min() < 0 or y.max() >= self.classes:
            raise ValueError(f"y must be labels from 0 to {self.classes - 1}; got {y.min()} to {y.max()}")
        return y.expand(n) if self.members is None else y.expand(self.members, n)

    def _how_many(self, n):
        if isinstance(n, bool) or not isinstance(n, numbers.Integral) or n < 1:
            raise ValueError(f"n={n!r}: must be a whole number of at least 1")
        limit = datasets.MAX_VALUES // (math.prod(self.shape) * (self.members or 1))
        if n > limit:
            raise ValueError(f"n={n:,}: at most {limit:,} samples at once; draw them in parts")
        return int(n)

    def __repr__(self):
        stack = "" if self.members is None else f", stack of {self.members}"
        return f"{type(self).__name__}(rows of shape {self.shape}, seed={self.seed}{stack}, step {self.step})"


def _below(tensors, part):
    return {name.partition("/")[2]: value for name, value in tensors.items() if name.startswith(part + "/")}


def _is_slot(name, model):
    return name.partition("/")[0] in model.optimisers


def _seed_problems(seed):
    whole = isinstance(seed, numbers.Integral) and not isinstance(seed, bool)
    try:
        seeds = [seed] if whole else list(seed)
    except TypeError:
        return [f"seed={seed!r}: must be a whole number, or several for a stack"]
    if not seeds or len(seeds) > MAX_MEMBERS or len(set(map(str, seeds))) < len(seeds):
        return [f"seed holds {len(seeds)} numbers: a stack has 1 to {MAX_MEMBERS} members, with different seeds"]
    bad = [s for s in seeds if isinstance(s, bool) or not isinstance(s, numbers.Integral) or not 0 <= s <= MAX_SEED]
    return [f"seed={bad[0]!r}: must be a whole number from 0 to 2**63 - 1"] if bad else []


def _header_problems(rest):
    """What is wrong with the JSON part of a file: it may come from anybody."""
    shape, cursor, log = rest["shape"], rest["cursor"], rest["log"]
    counts = isinstance(cursor, dict) and set(cursor) == {"step", "rows"} and all(_is_count(c) for c in cursor.values())
    right = {
        "shape": isinstance(shape, list) and len(shape) in (1, 3) and all(map(_is_count, shape)) and math.prod(shape) <= MAX_ROW,
        "classes": _is_count(rest["classes"]) and rest["classes"] <= 1000,
        "image": isinstance(rest["image"], bool),
        "cursor": counts,
        "log": isinstance(log, list) and all(isinstance(e, list) and len(e) == 4 for e in log),
        "fingerprint": rest["fingerprint"] is None or isinstance(rest["fingerprint"], str),
        "data": isinstance(rest["data"], list) and len(rest["data"]) == 2,
    }
    return [f"{name} is not what a model can have" for name, fine in right.items() if not fine]


def _is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
