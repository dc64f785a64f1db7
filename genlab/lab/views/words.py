"""The sentence that says what is happening, and who can take a step alone."""

import math

PLAYERS = {  # what a step of one player alone is: knobs, so that it can be replayed from the log
    "d": dict(d_every=1, g_every=0),
    "g": dict(d_every=0, g_every=1),
}
NAMES = {"loss_d": "discriminator", "loss_g": "generator", "elbo": "ELBO", "kl": "KL"}  # of curves, unlike the column's
UNITS = {"loss_d": "loss", "elbo": "nats a row", "loss": "bits a symbol"}  # of all curves, by the name of the first
SAID = {  # of what a loop tells, by one of its numbers
    "elbo": "ELBO {elbo:.1f} nats a row (KL {kl:.1f})",
    "loss": "{loss:.2f} bits a symbol",
}

PARTS = {  # of a step, as a loop names them: what is being done, by the number that the record has by then
    "make": "1 of 3, make: noise becomes samples",
    "judge": "2 of 3, judge: the discriminator learns to score real rows high and made ones low (loss {loss_d:.2f})",
    "encode": "1 of 3, encode: each row becomes a cloud of codes, and one is drawn",
    "decode": "2 of 3, decode: how well does the code tell its row, and how far is the cloud from the prior?",
    "predict": "1 of 3, predict: each symbol from those before it, at all places at once",
    "compare": "2 of 3, compare: the symbols that did come cost {loss:.2f} bits each",
    "improve": "3 of 3, improve: the weights move",
}
IMPROVED = {  # by a number in the record
    "loss_g": "3 of 3, improve: the generator learns to make what scores higher (loss {loss_g:.2f})",
    "elbo": "3 of 3, improve: both networks learn to tell more for less (ELBO {elbo:.1f} nats a row)",
    "loss": "3 of 3, improve: the network moves so that this step's symbols would have cost less",
}


def part_sentence(record):
    """What was just done inside a step: "step 12, 1 of 3, make: noise becomes samples"."""
    words = PARTS.get(record["stage"], record["stage"])
    if record["stage"] == "improve":
        words = next((told for name, told in IMPROVED.items() if name in record), words)
    try:
        words = words.format(**record)
    except KeyError:  # a player that does not learn in this step has no loss
        words = words.partition(" (")[0] + " (not in this step)"
    return f"step {record['step']:,}, {words}"


def players(model):
    """The players that can take a step alone: {} unless the model has the knobs for it."""
    return {name: knobs for name, knobs in PLAYERS.items() if all(hasattr(model.hp, knob) for knob in knobs)}


def sentence(step, scores, data, lead, recent):
    """What is happening, made from numbers: "step 400: 3 of 8 modes, the two are level (right on 60% of pairs)".

    Parameters
    ----------
    step : int
    scores : dict of name -> Score
    data : Dataset or None
    lead : float or None
        How often the discriminator is right on a pair of a real and a made row.
    recent : dict of name -> float
        Means of the loop's numbers over the last steps.
    """
    parts = [words.format(**recent) for name, words in SAID.items() if name in recent and math.isfinite(recent[name])]
    if "modes" in scores and data is not None and data.modes is not None:
        parts.append(f"{scores['modes']:.0f} of {len(data.modes)} modes")
    elif scores:
        name, value = next(iter(scores.items()))
        floor = getattr(value, "floor", float("nan"))
        parts.append(f"{name} {value:.2g}" + (f" (real data among themselves {floor:.2g})" if floor == floor else ""))
    if lead is not None and step:  # before the first step a lead is chance
        bounds = ((0.95, "discriminator far ahead"), (0.75, "discriminator ahead"), (0.4, "the two are level"))
        who = next((words for bound, words in bounds if lead >= bound), "generator ahead")
        parts.append(f"{who} (right on {lead:.0%} of pairs)")
    return f"step {step:,}" + (": " + ", ".join(parts) if parts else "")
