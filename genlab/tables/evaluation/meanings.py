"""What the scores of a report mean, what they cannot see, and the report's verdicts, put together from its numbers."""

import math

from genlab.tables.evaluation.attacks import sentences

COPY, SHUFFLED, SWAPPED = "copy of the training rows", "columns shuffled", "30 % of cells swapped"
TIMES_10, FILLED, NO_RARE = "numbers times 10", "missing cells filled", "rare levels lost"
BAD = (COPY, SHUFFLED, SWAPPED, TIMES_10, FILLED, NO_RARE)  # as genlab.tables.evaluation.bad makes them
MEANINGS = {  # score: section, ideal, meaning, bad tables that it is blind to
    "column shapes": (
        "fidelity", 1.0,
        "1 minus the largest difference in probability of any event in one column; the mean over columns.",
        (COPY, SHUFFLED, SWAPPED),
    ),
    "pair trends": (
        "fidelity", 1.0,
        "Shared probability of every two columns' cross-table, numbers cut at training deciles; the mean over pairs.",
        (COPY, SWAPPED),
    ),
    "missingness": (
        "fidelity", 1.0,
        "Rates of missing cells and declared codes, and who has them: shared mass over joint mass of rows with a gap.",
        (COPY, SWAPPED, NO_RARE),
    ),
    "rare levels": (
        "fidelity", 1.0,
        "How far levels under 5 % keep their rate: smaller rate over larger, 0 where lost; the mean over levels.",
        (COPY, SHUFFLED, SWAPPED, TIMES_10, FILLED),
    ),
    "coverage": (
        "fidelity", 1.0,
        "Levels that are there, and training rows within the range of a number; the mean over columns.",
        (COPY, SHUFFLED, SWAPPED, FILLED),
    ),
    "discriminator AUC": (
        "fidelity", 0.5,
        "How well boosted trees tell synthetic rows from real ones: 0.5 not at all, 1 always; below 0.5, against training "
        "rows, because they were copied.",
        (COPY,),
    ),
    "train synthetic, test real": (
        "utility", math.nan,
        "Area under the ROC curve on held-out rows after learning from synthetic rows; under 'copy' after learning from "
        "the training rows.",
        (COPY, FILLED, NO_RARE),
    ),
    "share of training on real": (
        "utility", 1.0,
        "That area, as a share of the area after learning from real rows.",
        (COPY, FILLED, NO_RARE),
    ),
    "same answers": (
        "utility", 1.0,
        "Overlap of the 95 % intervals that real and synthetic rows give for cross-tables and a regression of the target.",
        (COPY, NO_RARE),
    ),
    "discriminator AUC, training rows": (
        "leaks", 0.5,
        "The discriminator with training rows for real ones: below 0.5 because synthetic rows are copies, above because "
        "they can be told apart.",
        (),
    ),
    "distance share": (
        "leaks", 0.5,
        "Share of synthetic rows that lie nearer to a training row than to a held-out one, ties as one half: a smoke "
        "alarm for copies.",
        (SHUFFLED, TIMES_10, FILLED, NO_RARE),
    ),
}  # fmt: skip


def verdicts(scores, attacks, target, *, measured):
    """A report in a few sentences for a manager and for a lawyer.

    Parameters
    ----------
    scores, attacks : DataFrame
        As in a Report.
    target : str or int or None
    measured : bool
        Whether rows were held out.

    Returns
    -------
    dict of str to str
    """
    manager = [_pairs(scores), _told(scores), _learned(scores, target)]
    return {"manager": " ".join(filter(None, manager)), "lawyer": _leaks(scores, attacks, measured)}


def _pairs(scores):
    if "pair trends" not in scores.index:
        return ""
    row = scores.loc["pair trends"]
    fresh = f", fresh real rows {row['ceiling']:.3f}" if row["ceiling"] == row["ceiling"] else ""
    return f"Pairs of columns go together as in the real rows to {row['value']:.3f} (shuffled columns {row['floor']:.3f}{fresh})."


def _told(scores):
    if "discriminator AUC" not in scores.index:
        return ""
    row = scores.loc["discriminator AUC"]
    told = (
        "cannot be told from real ones by boosted trees" if row["low"] <= 0.5 <= row["high"]
        else "can be told from real ones by boosted trees" if row["value"] > 0.5
        else "are taken for real ones more often than chance allows: they are near copies"
    )  # fmt: skip
    return f"Synthetic rows {told} (AUC {row['value']:.3f}, 95 % interval {row['low']:.3f} to {row['high']:.3f}; 0.5 is chance)."


def _learned(scores, target):
    if "share of training on real" in scores.index:
        share, area = scores.loc["share of training on real", "value"], scores.loc["train synthetic, test real"]
        return (
            f"Learning {target!r} from synthetic rows gives {_percent(share)} of what real rows give (AUC "
            f"{area['value']:.3f} and {area['copy']:.3f} on held-out rows)."
        )
    if "same answers" in scores.index:
        share = scores.loc["same answers", "value"]
        return f"Intervals of answers about {target!r} overlap by {_percent(share)} with the real ones."
    return ""


def _leaks(scores, attacks, measured):
    if not measured:
        return "Leaks: not measured: no rows were held out."
    said = [sentences(attacks)[0]] if len(attacks) else ["No attack could be tried on this table."]
    if "distance share" in scores.index:
        value, low, high, copy = map(_percent, scores.loc["distance share", ["value", "low", "high", "copy"]])
        said.append(
            f"{value} of the synthetic rows lie nearer to a training row than to a held-out one (95 % interval {low} to "
            f"{high}; even is 50 %, a copy of the training rows has {copy})."
        )
    said.append("Other attacks were not tried, and nothing here bounds what they would find.")
    return " ".join(said)


def _percent(share):
    return f"{100 * share:.1f} %"
