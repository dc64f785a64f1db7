"""Sliders and menus made from the knobs that a family declares; nothing here is typed twice."""

import dataclasses
import math

STEPS = (1, 1.5, 2, 3, 5, 7)  # places of a log scale in each decade
DECADES = 6  # of a log scale that begins at 0: below a millionth of the highest value, only 0 is left
PLACES = 40  # of a linear scale


def controls(model, *, shown, locked=(), hidden=()):
    """What the view needs to draw a control for each declared knob.

    Parameters
    ----------
    model : object with Params and hp
        The declaration, and the present values.
    shown : sequence of str
        Those in sight at once, which come first.
    locked, hidden : collection of str
        Those that cannot be changed, and those that are left out.

    Returns
    -------
    list of dict
        "name", "help", "value", and either "choices" or "stops": the values where the slider can stand, in order; and
        whether it is "live" (else it begins anew), "locked", and one of the "more" that are a click away.
    """
    fields = {f.name: f for f in dataclasses.fields(model.Params)}
    able = hasattr(model, "restart")
    names = [*shown, *(name for name in fields if name not in shown)]
    return [
        control(fields[name], getattr(model.hp, name))
        | dict(live=fields[name].metadata["live"], locked=name in locked, more=name not in shown)
        for name in names
        if name not in hidden and (able or fields[name].metadata["live"])
    ]


def control(field, value):
    declared = field.metadata
    one = dict(name=field.name, help=declared["help"], value=value)
    if declared["choices"] is not None:
        return one | dict(choices=list(declared["choices"]))
    return one | dict(stops=sorted({*stops(field), value}))


def stops(field):
    """Values where a slider can stand: round ones, even on the declared scale, ends included."""
    low, high, whole = field.metadata["low"], field.metadata["high"], type(field.default) is int
    if field.metadata["scale"] == "log":
        floor = low or (1 if whole else high / 10**DECADES)
        decades = range(math.floor(math.log10(floor)), math.ceil(math.log10(high)) + 1)
        values = [float(f"{mantissa}e{decade}") for decade in decades for mantissa in STEPS]
        values = [value for value in values if floor <= value <= high]
    else:
        values = [low + (high - low) * i / PLACES for i in range(PLACES + 1)]
        values = [float(f"{value:.3g}") for value in values]
    values = {low, high, *(value for value in values if low <= value <= high)}
    return sorted({round(value) for value in values} if whole else {float(value) for value in values})
