"""What an autoregressive model cannot carry far: a window that is too short, and a gradient that vanishes on the way.

Both on a task that needs one thing only: say again the symbol that stood first, after others that mean nothing.
"""

import torch

from genlab.autoregressive import Autoregressive
from genlab.datasets import Dataset
from genlab.failures.record import CAUSE, REMEDY, Arm, Failure, Limit

SYMBOLS = "abcdefgh"  # a guess costs 3 bits


def recall(gap, n=4000, seed=0):
    """Rows whose last symbol is their first, with `gap` random ones between: a Dataset of text."""
    x = torch.randint(len(SYMBOLS), (n, gap + 2), generator=torch.Generator().manual_seed(seed))
    x[:, -1] = x[:, 0]
    return Dataset(x.float(), name="recall", source="made by genlab", license="MIT", levels=8, symbols=SYMBOLS)


def reach(model, x):
    """How long the gradient of the last symbol's log-probability is at each symbol before it: (T,), or (K, T)."""
    kept, codes = [], torch.as_tensor(x).long()
    hook = model.network.symbols.register_forward_hook(lambda module, given, out: kept.append(out))
    try:
        codes = codes if model.members is None else codes.expand(model.members, *codes.shape)
        log_p = model.network(codes)[..., -1, :].log_softmax(-1).gather(-1, codes[..., -1:])
    finally:
        hook.remove()
    (gradient,) = torch.autograd.grad(log_p.sum(), kept[0])  # (B, T, width), at the symbol before each place
    return gradient.norm(dim=-1).mean(-2)


def remembered(group, data, watched):
    """Bits of the last symbol of fresh rows, and how much of the gradient at the nearest symbol is left at the first."""
    fresh = recall(data.shape[0] - 2, 500, seed=1)
    length = reach(group.model, fresh.x[:200])
    bits = group.model.bits(fresh, start=data.shape[0] - 1)
    return dict(bits=bits.tolist(), gradient=(length[..., 1] / length[..., -1]).tolist())


CONTEXT = Failure(
    name="limited_context",
    title="A context that is too short",
    model=Autoregressive,
    data=lambda: recall(8),
    healthy=dict(network="transformer", layers=1, hidden=32, context=16, dropout=0.0, batch_size=64),
    steps=400,
    cause=Arm("context 6", CAUSE, dict(context=6), "It looks six places back, and the answer stands nine back."),
    remedies=(
        Arm("two layers", REMEDY, dict(layers=2), "Each layer looks five places further."),
        Arm("a GRU", REMEDY, dict(network="gru", hidden=48, lr=1e-2), "A state instead of a window."),
        Arm("wider", REMEDY, dict(hidden=64), "Twice the units."),
        Arm("smaller steps", REMEDY, dict(lr=1e-3), "A fifth of the step size."),
    ),
    measure=remembered,
    limits={"bits": Limit(high=0.5)},
    grid=dict(context=[4, 6, 8, 9, 10, 16], layers=[1, 2, 3]),
    shown=("context", "layers", "lr"),
    symptom="what is said fits what stands near and contradicts what stands far",
    why=(
        "A window sees its last so many symbols, and what stands before them cannot change a single probability. More "
        "units or more training do not help, for the information is not there. A second layer looks at places that have "
        "themselves looked back, so that windows add up; a state has no edge, and its own way to forget."
    ),
    source="Bengio et al. (2003); van den Oord et al. (2016), who count what a stack of layers sees.",
)

VANISHING = Failure(
    name="vanishing_gradient",
    title="A gradient that vanishes on the way",
    model=Autoregressive,
    data=lambda: recall(12),
    healthy=dict(network="gru", hidden=48, lr=1e-2, dropout=0.0, batch_size=64),
    steps=500,
    cause=Arm("no gates", CAUSE, dict(network="rnn"), "Each symbol overwrites the state."),
    remedies=(
        Arm(
            "attention",
            REMEDY,
            dict(network="transformer", layers=1, hidden=32, context=16, lr=5e-3),
            "One step from any place to any other.",
        ),
        Arm("smaller steps", REMEDY, dict(lr=1e-3), "A tenth of the step size."),
        Arm("wider", REMEDY, dict(hidden=96), "Twice the units."),
    ),
    measure=remembered,
    limits={"bits": Limit(high=0.5)},
    grid=dict(hidden=[16, 32, 48, 96], lr=[1e-3, 3e-3, 1e-2, 3e-2]),
    shown=("network", "hidden", "lr"),
    symptom="it learns what follows what, and nothing that takes a memory of more than a few symbols",
    why=(
        "The gradient at a symbol k places back is a product of k matrices, one a step. Where each makes it a little "
        "shorter the product is gone after a dozen, and what stood there has no say in how the weights move. Gates let a "
        "part of the state through unchanged, and attention needs a single step for any distance."
    ),
    source="Bengio et al. (1994); Hochreiter and Schmidhuber (1997); GRU: Cho et al. (2014).",
)
