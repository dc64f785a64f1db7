"""The same texts again and again: what cold drawing does to an autoregressive model, however well it has learned."""

import functools

from genlab import datasets, training
from genlab.autoregressive import Autoregressive
from genlab.failures.record import CAUSE, REMEDY, Arm, Failure, Limit


@functools.cache
def referee():
    """Counts of three symbols in the training names, which took no part: what it finds dear is no name."""
    names = datasets.names("train")
    counts = Autoregressive(names, network="counts", context=2)
    training.run(counts.steps(names), -(-len(names) // counts.hp.batch_size))
    return counts


def different(group, data, watched):
    """Share of 1,000 texts that are not in it twice, and what a referee says they cost, bits a symbol."""
    made = group.sample(1000, seed=0)  # (K, n, T)
    return {
        "different": [len(x.unique(dim=0)) / len(x) for x in made],
        "cost": [referee().bits(x).item() for x in made],
    }


REPETITION = Failure(
    name="repetition",
    title="The same texts again and again",
    model=Autoregressive,
    data=lambda: datasets.names("train"),
    healthy=dict(network="mlp", context=4),
    steps=400,
    cause=Arm("temperature 0.3", CAUSE, {}, "What is probable becomes all but certain.", draw=dict(temperature=0.3)),
    remedies=(
        Arm("top_p 0.9", REMEDY, {}, "At temperature 1, of the most probable that make 90 %.", draw=dict(top_p=0.9)),
        Arm("temperature 0.8", REMEDY, {}, "A little colder than it has learned.", draw=dict(temperature=0.8)),
        Arm("temperature 2", REMEDY, {}, "Hotter than it has learned.", draw=dict(temperature=2.0)),
        Arm("twice the steps", REMEDY, {}, "It learns for longer, and is drawn from as cold.", steps=800),
        Arm("wider", REMEDY, dict(hidden=256), "A larger network, drawn from as cold."),
    ),
    measure=different,
    limits={"different": Limit(low=0.9), "cost": Limit(high=3.9)},
    grid=dict(hidden=[16, 32, 64, 128, 256], lr=[1e-3, 2e-3, 5e-3, 1e-2]),
    shown=("context", "hidden", "lr"),
    symptom="each text is good, and many are the same",
    why=(
        "A temperature below 1 takes the model's probabilities to a power, so that what was twice as probable becomes many "
        "times as probable. Symbol by symbol this adds up, and whole texts that were a little likelier take all. The model "
        "is not to blame, and no training helps; hotter drawing gives what it never saw, and pays in nonsense."
    ),
    source="Holtzman et al. (2020), the curious case of neural text degeneration.",
)
