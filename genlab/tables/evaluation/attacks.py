"""Attacks on a fake table, each beside a control: the same attack on real rows that were never learned from.

What an attack wins on training rows and not on held-out rows, it wins because those rows were in the training set. What
it wins on both is knowledge about people in general, which is what the table is for. Singling out, attribute inference,
linkability and the risk are after Giomi et al. (2023); replicated uniques after Raab et al. (2024); membership inference
goes by the ratio of two densities, of fake and of real rows around a candidate, each from the nearest row (van Breugel
et al., 2023).

These attacks find copies and near copies. They do not see ids and free text, nor what a better attacker could do, and
none of them finding anything is no proof and no guarantee such as differential privacy.
"""

import numpy as np
import pandas as pd

from genlab.tables.evaluation import attackers
from genlab.tables.evaluation.chance import TRADES, chances, generator, risk, trades, wilson
from genlab.tables.evaluation.distance import Coded, compared

LEVEL = 0.05  # chance of a false alarm in one report, over all its attacks


ATTACKS = (
    "replicated uniques",
    "singling out by one column",
    "singling out by several columns",
    "attribute inference",
    "linkability",
    "membership inference",
)


def attack(train, fake, holdout, *, types, keys=None, target=None, only=None, tries=1000, random_state=0):
    """Try to find training rows in a fake table in six ways.

    Parameters
    ----------
    train, fake, holdout : DataFrame
        Rows learned from, fake rows, and real rows never seen. The larger of train and holdout is thinned to the size
        of the other; of fake all rows are used.
    types : Types
    keys : list, optional
        Columns an attacker may know of a person; all but the secret by default. Linkability puts them together with the
        others; by default every other column with the rest.
    target : str or int, optional
        The secret that attribute inference asks for. By default it asks for up to five: columns outside `keys` where
        keys are given, and of these the ones that are hardest to guess.
    only : list of str, optional
        Names of the attacks to carry out, as in the table; all by default.
    tries : int
        Most tries of each attack; replicated uniques and membership inference go through the rows there are.
    random_state : None, int, Generator or RandomState

    Returns
    -------
    DataFrame
        One row an attack. tries, successes, rate with its 95 % interval low to high (Wilson), control (the rate on
        held-out rows) with its own, naive (the rate without knowing how columns go together), risk = (rate - control)
        / (1 - control) with its interval, chance (of so much by chance, adjusted for the number of attacks), leak
        (chance at most .05: a false alarm in at most 5 % of reports), sentence.

    Raises
    ------
    ValueError
        Without rows held out; one message that lists everything wrong with the columns.
    """
    rng = generator(random_state)
    keys = [] if keys is None else [keys] if isinstance(keys, str | int) else list(keys)
    coded = Coded(train, holdout, fake, types, rng, _problems(types, fake, keys, target, only, tries))
    keys, tries = [name for name in keys if name in coded.names], min(tries, coded.pairs)
    free = coded.shuffled(rng)
    made = (
        lambda: attackers.replicated_uniques(coded, free, keys or coded.names),
        lambda: attackers.singling_out(coded, free, tries, rng, several=False),
        lambda: attackers.singling_out(coded, free, tries, rng, several=True),
        lambda: attackers.attribute_inference(coded, keys, target, tries, rng),
        lambda: attackers.linkability(coded, free, keys, tries),
        lambda: attackers.membership_inference(coded, rng),
    )
    runs = {name: make() for name, make in zip(ATTACKS, made, strict=True) if only is None or name in only}
    found = {name: run(coded.member) for name, (run, _) in runs.items()}
    blocks = [[_beyond(run(block)) for run, _ in runs.values()] for block in trades(coded.pairs, rng, TRADES)]
    chance = chances([_beyond(counts)[0] for counts in found.values()], np.hstack(blocks).T)
    rows = [
        row_of(name, *[float(each[0]) for each in found[name]], runs[name][1], chance[i]) for i, name in enumerate(runs)
    ]
    return pd.DataFrame(rows).set_index("attack")


def _problems(types, fake, keys, target, only, tries):
    """What is wrong with these arguments, as a list of sentences."""
    names = compared(types, fake)
    found = [f"keys: no column {name!r} in types" for name in keys if name not in types]
    if keys and not set(keys) & set(names) - {target}:
        found.append(f"keys={keys!r}: none of them is known in fake, besides the target")
    if target is not None and target not in names:
        found.append(f"target={target!r}: fake has no such column to compare; there are {names}")
    unknown = [name for name in only or () if name not in ATTACKS]
    if unknown or only is not None and not len(only):
        found.append(f"only={only!r}: one or more of {', '.join(map(repr, ATTACKS))}")
    if isinstance(tries, bool) or not isinstance(tries, int | np.integer) or tries < 1:
        found.append(f"tries={tries!r}: must be a whole number from 1")
    return found


def row_of(name, rate, tries, control, control_tries, naive, chance):
    """One row of the table of attacks."""
    low, high = wilson(rate, tries)
    control_low, control_high = wilson(control, control_tries)
    beyond, risk_low, risk_high = risk(rate, tries, control, control_tries)
    leak = bool(chance <= LEVEL)
    if not tries > 0:
        rate = control = naive = np.nan
    return {
        "attack": name,
        "tries": int(tries),
        "successes": int(round(rate * tries)) if tries > 0 else 0,
        **dict(rate=rate, low=low, high=high, control=control, control_low=control_low, control_high=control_high),
        **dict(naive=naive, risk=beyond, risk_low=risk_low, risk_high=risk_high, chance=chance, leak=leak),
        "sentence": _sentence(name, tries, rate, low, high, control, naive, leak),
    }


def _sentence(name, tries, rate, low, high, control, naive, leak):
    if not tries > 0:
        return f"Not tried: {name}, because this table gives nothing to try it on."
    found = "Leak found" if leak else "No leak found"
    weak = (
        "" if max(rate, control) >= naive else f" It is weak here: guessing without it is right in {_percent(naive)}."
    )
    return (
        f"{found} by {name}: {tries:,.0f} tries, {_percent(rate)} right (95 % interval {_percent(low)} to "
        f"{_percent(high)}), and {_percent(control)} on rows that were never learned from.{weak}"
    )


def sentences(attacks):
    """What a table of attacks says in words: one sentence over all, then one for each attack.

    Parameters
    ----------
    attacks : DataFrame
        As :func:`attack` gives it.
    """
    tried = attacks[attacks["tries"] > 0]
    leaks = tried[tried["leak"]]
    if len(leaks):
        worst = leaks.loc[leaks["risk"].idxmax()]
        first = (
            f"Leak found: by {len(leaks)} of {len(tried)} attacks ({', '.join(leaks.index)}); the greatest risk is "
            f"{_percent(worst['risk'])} (95 % interval {_percent(worst['risk_low'])} to {_percent(worst['risk_high'])})."
        )
    elif len(tried):
        widest = tried.loc[tried["risk_high"].idxmax()]
        first = (
            f"No leak found by these {len(tried)} attacks, {tried['tries'].sum():,} tries; the risk lies in the interval "
            f"{_percent(widest['risk_low'])} to {_percent(widest['risk_high'])} (95 %, the widest of them: "
            f"{widest.name}, {widest['tries']:,} tries)."
        )
    else:
        first = "No attack could be tried on this table."
    return [first, *attacks["sentence"]]


def _percent(share):
    return f"{100 * share:.1f} %" if share >= 0.001 or share == 0 else f"{100 * share:.2g} %"


def _beyond(counts):
    """Rate minus control."""
    return counts[0] - counts[2]
