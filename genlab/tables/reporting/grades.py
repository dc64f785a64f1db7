"""The three answers on a report's first screen: a word and a sentence each, worked out from its scores and attacks."""

import math

from genlab.tables.reporting.markup import interval, number, percent, text

GRADES = ((0.9, "Yes"), (0.7, "Mostly"), (0.4, "In part"), (-math.inf, "No"))  # least way come: word


def grade(rows):
    """How near the weakest of some scores comes to fresh real rows.

    Each score's distance from its ideal is set between that of shuffled columns (0) and of fresh real rows (1); where
    those two hardly differ, 0.1 of the score counts as the whole way, from the better end of its interval.

    Returns
    -------
    word : str
        Yes, Mostly, In part, No; "Not measured" where there is no score.
    name : str or None
        The weakest score.
    part : float
        Its place; 1 and above counts as 1.
    """
    places = {name: _part(row)[0] for name, row in rows.iterrows()}
    places = {name: part for name, part in places.items() if part == part}
    if not places:
        return "Not measured", None, math.nan
    name = min(places, key=places.get)
    part = round(max(0.0, min(1.0, places[name])), 9)
    return next(word for least, word in GRADES if part >= least), name, part


def _part(row):
    """How far a score has come from shuffled columns (0) to fresh real rows (1), NaN where that cannot be said; and whether
    those two lie apart."""
    away = lambda value: abs(value - row["ideal"])
    if row["ideal"] != row["ideal"]:  # the more, the better, or the other way about
        sign = -1 if row["ceiling"] < row["floor"] else 1
        away = lambda value: sign * (row["ceiling"] - value)
    best = away(row["ceiling"]) if row["ceiling"] == row["ceiling"] else 0.0
    span = away(row["floor"]) - best
    if span > 0.02:
        return 1 - (away(row["value"]) - best) / span, True
    nearest = min(away(row[end]) for end in ("value", "low", "high") if row[end] == row[end] or end == "value")
    return 1 - (nearest - best) / 0.1, False


def answer(report, section):
    """The word and the sentence (as HTML) that answer a section's question."""
    if section == "leaks":
        return _leak_answer(report)
    rows = report.scores[report.scores["section"] == section]
    word, name, part = grade(rows)
    if name is None:
        return word, "No score of this kind was asked for: name a target."
    if "pair trends" in rows.index and rows.loc["pair trends", "floor"] >= rows.loc["pair trends", "ceiling"]:
        return "Cannot be judged", (
            "With so few rows to compare, shuffled columns go together as well as fresh real rows do: likeness cannot be seen."
        )
    row = rows.loc[name]
    said = f"Weakest score: {text(name)}, {number(row['value'])}"
    fresh = f"fresh real rows ({number(row['ceiling'])})"
    if row["ceiling"] != row["ceiling"]:
        fresh = f"the ideal ({number(row['ideal'])}; no real rows were held out)"
    if not _part(row)[1]:
        return word, f"{said}, beside {fresh}."
    return word, f"{said}, {percent(part, 0)} of the way from shuffled columns ({number(row['floor'])}) to {fresh}."


def _leak_answer(report):
    attacks = report.attacks
    if not report.facts.get("n_holdout"):
        return "Not measured", "No rows were held out, so this page says nothing about leaks."
    if not len(attacks):
        return "Not measured", "No attack was run."
    tries = f"{int(attacks['tries'].sum()):,} tries of {len(attacks)} attack{'s' * (len(attacks) != 1)}"
    found = attacks[attacks["leak"].astype(bool)]
    if len(found):
        worst = found.loc[found["risk"].astype(float).idxmax()]
        names = ", ".join(text(name) for name in found.index)
        around = interval(worst["risk_low"], worst["risk_high"], percent)
        return "Leak found", (
            f"Better on rows learned from than on rows held out: {names}, by up to {percent(worst['risk'])} of what there was "
            f"to win ({around}); {tries}."
        )
    high = attacks["risk_high"].astype(float).max()
    return (
        "None found",
        f"No leak found by these attacks, {tries}; an excess risk of up to {percent(high)} is not ruled out.",
    )
