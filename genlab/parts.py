"""What every family of models needs: declared knobs, random streams, batches, scaling, and layers that can be stacked.

A *stack* is K models trained at once: every tensor gets a leading member axis, and one batched matrix product a layer
does the work of K. Nothing here knows what a GAN is, and nothing draws from torch's global random generator.
"""

import contextlib
import dataclasses
import math
import numbers

import torch
from torch import nn
from torch.nn.functional import leaky_relu, one_hot

MAX_SEED = 2**63 - 1


# -- knobs ------------------------------------------------------------------------------------------------------------


def knob(default, low=None, high=None, *, choices=None, scale="linear", live=True, help=""):
    """Declare one hyperparameter; checks, widgets and documentation are made from this declaration."""
    return dataclasses.field(
        default=default,
        metadata=dict(low=low, high=high, choices=choices, scale=scale, live=live, help=help),
    )


class Params:
    """Base of the declared knobs of a family, a dataclass whose fields are made by :func:`knob`."""

    def __post_init__(self):
        self.check(dataclasses.asdict(self))
        for field in dataclasses.fields(self):  # NumPy's numbers become Python's own, which a file can hold
            setattr(self, field.name, type(field.default)(getattr(self, field.name)))

    @classmethod
    def check(cls, knobs, *, live_only=False, also=()):
        """Raise one ValueError that lists every problem with `knobs`; `also` holds problems found elsewhere."""
        problems = [*also, *cls.problems(knobs, live_only=live_only)]
        if problems:
            raise ValueError(f"{cls.__name__}: {len(problems)} problem(s)\n  " + "\n  ".join(problems))

    @classmethod
    def problems(cls, knobs, *, live_only=False):
        """Everything that is wrong with `knobs`, as a list of sentences."""
        fields, problems = {f.name: f for f in dataclasses.fields(cls)}, []
        for name, value in knobs.items():
            if name not in fields:
                there = [n for n, f in fields.items() if f.metadata["live"] or not live_only]
                problems.append(f"{name}: no such knob; there are {', '.join(there)}")
                continue
            declared, kind = fields[name].metadata, type(fields[name].default)
            number = numbers.Real if kind is float else numbers.Integral
            if declared["choices"] is not None:
                if not isinstance(value, str) or value not in declared["choices"]:
                    problems.append(f"{name}={value!r}: must be one of {', '.join(map(repr, declared['choices']))}")
            elif isinstance(value, bool) or not isinstance(value, number):
                problems.append(f"{name}={value!r}: must be {'a number' if kind is float else 'a whole number'}")
            elif not declared["low"] <= value <= declared["high"]:  # also when value is NaN
                problems.append(f"{name}={value!r}: must be from {declared['low']:g} to {declared['high']:g}")
            if live_only and not declared["live"]:
                problems.append(f"{name}: needs a new model, it cannot change while one learns")
        return problems


# -- randomness -------------------------------------------------------------------------------------------------------

INITIALISE, LEARN, LOOK, ORDER = range(4)  # each purpose has its own stream, so that none disturbs another


class Streams:
    """Random numbers of one model, or of K members with a generator each.

    Member k of a stack draws what the model with its seed would draw alone. Numbers are drawn on the CPU, so that
    they are the same on every device.

    Parameters
    ----------
    seed : int or list of int
        One model, or a stack of as many members.
    purpose : int
        What the numbers are for; two purposes of one seed are independent.
    """

    def __init__(self, seed, purpose, device="cpu"):
        self.members = None if isinstance(seed, int) else len(seed)
        self.device = device
        self.generators = [torch.Generator().manual_seed(_mix(s, purpose)) for s in _listed(seed)]

    def draw(self, function, *shape):
        rows = [function(*shape, generator=generator) for generator in self.generators]
        drawn = rows[0] if self.members is None else torch.stack(rows)
        return drawn if self.device == "cpu" else drawn.to(self.device)

    def normal(self, *shape):
        """Standard normal numbers of `shape`, after the member axis if there is one."""
        return self.draw(torch.randn, *shape)

    def uniform(self, *shape):
        """Numbers uniform between 0 and 1 of `shape`, after the member axis if there is one."""
        return self.draw(torch.rand, *shape)

    def state(self):
        return torch.stack([generator.get_state() for generator in self.generators])  # (K, bytes)

    def load_state(self, state):
        for generator, row in zip(self.generators, state, strict=True):
            generator.set_state(row.clone())


def _listed(seed):
    return [seed] if isinstance(seed, int) else seed


def _mix(seed, purpose):
    """One 63-bit seed from two numbers, by the finaliser of SplitMix64 (Steele, Lea and Flood, 2014)."""
    z = (seed + 0x9E3779B97F4A7C15 * (purpose + 1)) & (2**64 - 1)
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
    return (z ^ (z >> 31)) & MAX_SEED


class Batches:
    """Endless batches in which every row comes once an epoch: yields (step, rows, labels or None).

    The order of an epoch is a function of (seed, epoch), so `cursor` with its two counts is the whole position:
    stop anywhere, build it again from the same cursor, and the next batch is the one that would have come.

    Parameters
    ----------
    x : Tensor, shape (n, *shape)
    y : Tensor, shape (n,), or None
    hp : object with a `batch_size`, read at every step
    seed : int or list of int
        With a list, each member has its own order and rows get a leading axis of K.
    cursor : dict with "step" and "rows"
        Steps and rows served so far; changed in place.
    """

    def __init__(self, x, y, hp, seed, cursor):
        self.x, self.y, self.hp, self.seed, self.cursor = x, y, hp, seed, cursor

    def __iter__(self):
        n, cursor, epoch = len(self.x), self.cursor, None
        while True:
            parts, missing = [], self.hp.batch_size
            while missing:
                if cursor["rows"] // n != epoch:
                    epoch = cursor["rows"] // n
                    order = Streams(self.seed, ORDER + epoch).draw(torch.randperm, n)  # (n,) or (K, n)
                start = cursor["rows"] % n
                parts.append(order[..., start : start + missing])
                missing -= parts[-1].shape[-1]
                cursor["rows"] += parts[-1].shape[-1]
            rows = (parts[0] if len(parts) == 1 else torch.cat(parts, -1)).to(self.x.device)
            cursor["step"] += 1
            yield cursor["step"], self.x[rows], None if self.y is None else self.y[rows]


# -- scaling ----------------------------------------------------------------------------------------------------------


class Scale:
    """The affine map between native values and those a network sees: images to [-1, 1], points to mean 0 and sd 1."""

    def __init__(self, shift, factor):
        self.shift, self.factor = shift, factor

    @classmethod
    def of(cls, data):
        if data.range is not None:
            low, high = data.range
            return cls(torch.tensor((low + high) / 2), torch.tensor((high - low) / 2))
        x = data.x.double()  # large values overflow when many are squared and summed, and constant ones seem to vary
        mean, spread = x.mean(0).to(data.x), x.std(0).to(data.x)
        return cls(mean, torch.where(spread > 0, spread, torch.ones_like(spread)))  # a constant column stays

    def forward(self, x):
        return (x - self.shift) / self.factor

    def back(self, x):
        return x * self.factor + self.shift


# -- layers -----------------------------------------------------------------------------------------------------------


class Dense(nn.Module):
    """x @ weight + bias, for x of shape (B, n_in), or (K, B, n_in) in a stack of K."""

    def __init__(self, n_in, n_out, init):
        super().__init__()
        size = (3 * n_in) ** -0.5  # keeps the spread of the outputs near that of the inputs
        self.weight = nn.Parameter(init.normal(n_in, n_out) * size)  # (n_in, n_out) or (K, n_in, n_out)
        self.bias = nn.Parameter(init.normal(1, n_out) * size)  # (1, n_out) or (K, 1, n_out)

    def forward(self, x):
        if x.dim() == 2:
            return torch.addmm(self.bias, x, self.weight)
        if self.weight.shape[-1] == 1:  # a batched product with a single column takes as long as one with many
            return (x * self.weight.mT).sum(-1, keepdim=True) + self.bias
        return torch.baddbmm(self.bias, x, self.weight)


class MLP(nn.Module):
    """Two hidden layers of `hidden` units. Labels, where given, join the input as one-hot numbers.

    Parameters
    ----------
    n_in : int
        Numbers in one row of the input.
    hidden : int
    out_shape : tuple of int
        Shape of one output; () for a single score.
    classes : int
        Number of labels, 0 for none.
    init : Streams
        Where the first weights come from.
    bounded : bool
        Whether outputs are squeezed into (-1, 1), as pixels must be.
    """

    def __init__(self, n_in, hidden, out_shape, classes, init, *, bounded=False):
        super().__init__()
        self.out_shape, self.classes, self.bounded = tuple(out_shape), classes, bounded
        sizes = [n_in + classes, hidden, hidden, math.prod(out_shape)]
        self.layers = nn.ModuleList(Dense(a, b, init) for a, b in zip(sizes, sizes[1:], strict=False))
        self.row_axes = 1 if init.members is None else 2  # axes that count rows: (B,) or (K, B)

    def forward(self, x, y=None):
        x = x.flatten(self.row_axes)  # (B, n_in)
        if self.classes:
            x = torch.cat([x, one_hot(y, self.classes).to(x)], -1)  # (B, n_in + classes)
        *hidden, last = self.layers
        for layer in hidden:
            x = leaky_relu(layer(x), 0.2, inplace=True)  # (B, hidden)
        x = last(x)  # (B, n_out)
        if self.bounded:
            x = x.tanh()
        return x.reshape(x.shape[:-1] + self.out_shape)  # (B, *out_shape); a score is (B,)


def due(step, every):
    """Whether something done every so many steps is done now; 0 means never."""
    return every > 0 and step % every == 0


class Adam:
    """Adam (Kingma and Ba, 2015): each weight moves against its mean gradient, in units of the gradient's usual size.

    The numbers are those of ``torch.optim.Adam(parameters, fused=True)``, bit for bit. That class loads torch's compiler
    when it is first made, which takes as long as loading torch; this one does not. All weights move at every step.
    """

    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
        weights = list(parameters)
        self.param_groups = [dict(params=weights, lr=lr, betas=betas, eps=eps)]
        self.mean, self.square = [torch.zeros_like(w) for w in weights], [torch.zeros_like(w) for w in weights]
        self.taken = torch.zeros((), dtype=torch.float32, device=weights[0].device)  # steps so far

    def zero_grad(self):
        for weight in self.param_groups[0]["params"]:
            weight.grad = None

    @torch.no_grad()
    def step(self):
        group = self.param_groups[0]
        weights, (beta1, beta2) = group["params"], group["betas"]
        self.taken += 1
        torch._fused_adam_(
            weights, [w.grad for w in weights], self.mean, self.square, [], [self.taken] * len(weights),
            lr=group["lr"], beta1=beta1, beta2=beta2, eps=group["eps"], weight_decay=0.0, amsgrad=False, maximize=False,
        )  # fmt: skip

    def state_dict(self):
        """What it remembers, as tensors by name."""
        named = {f"mean/{i}": mean for i, mean in enumerate(self.mean)}
        return {"taken": self.taken} | named | {f"square/{i}": square for i, square in enumerate(self.square)}

    def load_state_dict(self, state):
        for name, tensor in self.state_dict().items():
            tensor.copy_(state[name])


def set_optimiser(optimiser, lr, beta1, beta2):
    """Give an Adam its knobs, read anew at every step so that a slider is live."""
    for group in optimiser.param_groups:
        group["lr"], group["betas"] = lr, (beta1, beta2)


@torch.no_grad()
def move_average(averaged, weights, step, decay):
    """Move the averaged weights a little towards the present ones; early on more, so that the start is soon forgotten."""
    decay = min(decay, step / (step + 10))
    torch._foreach_lerp_(averaged, weights, 1 - decay)


def pick_device(device="auto"):
    """The torch device for "auto" (a GPU where there is one), or the one named."""
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return str(torch.device(device))


@contextlib.contextmanager
def threads(number=1):
    """Let torch use so many threads inside the block. Small networks are quickest on one: the others only wait."""
    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
