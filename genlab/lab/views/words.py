"""The sentence that says what is happening, and who can take a step alone."""

import math

PLAYERS = {  # what a step of one player alone is: knobs, so that it can be replayed from the log
    "d": dict(d_every=1, g_every=0),
    "g": dict(d_every=0, g_every=1),
}
SAID = {  # of what a loop tells, by one of its numbers
    "elbo": "ELBO {elbo:.1f} nats a row (KL {kl:.1f})",
    "loss": "{loss:.2f} bits a symbol",
}


def players(model):
    """The players that can take a step alone: {} unless the model has the knobs for it."""
    return {name: knobs for name, knobs in PLAYERS.items() if all(hasattr(model.hp, knob) for knob in knobs)}


def sentence(step, scores, data, lead, recent):
    """What is happening, made from numbers: "step 400: 3 of 8 modes, the two are level (right on 60% of pairs)".

    Parameters
    ----------
    step : int
    scores : dict of name -> Score
    data : Dataset
    lead : float or None
        How often the discriminator is right on a pair of a real and a made row.
    recent : dict of name -> float
        Means of the loop's numbers over the last steps.
    """
    parts = [words.format(**recent) for name, words in SAID.items() if name in recent and math.isfinite(recent[name])]
    if "modes" in scores and data.modes is not None:
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
