"""Synthetic tables: from a survey file to a synthetic file with an honest report. Needs no torch.

Read a file and look at its types, hold rows out, learn, sample, and judge::

    df, types = tables.read("survey.csv")
    train, holdout = tables.split(df, random_state=0)
    fake = tables.Synthesizer(random_state=0).fit(train, types=types).sample(2000)
    report = tables.evaluate(train, fake, holdout=holdout, types=types, random_state=0)

Like ``import genlab``, it loads each name when it is first used.
"""

import importlib

_NAMES = {  # public name -> module that defines it, from this room
    "read": "reading.reading",
    "guess": "reading.guessing",
    "Types": "types",
    "Column": "types",
    "split": "splitting",
    "Synthesizer": "synthesis.synthesizer",
    "evaluate": "evaluation.evaluation",
    "cross_evaluate": "evaluation.folds",
    "Report": "evaluation.outcome",
    "same_answer": "evaluation.analyses",
    "combine": "evaluation.analyses",
    "anonymise": "anonymising",
    "edges": "boundaries",
    "edge_texts": "boundaries",
    "attack": "evaluation.attacks",
    "audit": "evaluation.audit",
    "distance_share": "evaluation.distance",
    "fairness": "evaluation.fairness",
    "bad_tables": "evaluation.bad",
    "catches": "evaluation.bad",
    "card": "marking",
    "scan": "personal",
    "write_csv": "marking",
    "hunt": "hunting",
    "find_me": ".studio.hiding",  # the forms live on a floor above, and are loaded when they are asked for
    "studio": ".studio.studio",
}
__all__ = [*_NAMES, "attacks"]


def __getattr__(name):
    if name == "attacks":
        return importlib.import_module(f"{__name__}.attacks")
    if name not in _NAMES:
        raise AttributeError(f"genlab.tables has no {name!r}; it has {', '.join(sorted(__all__))}")
    value = getattr(importlib.import_module(f".{_NAMES[name]}", __name__), name)
    globals()[name] = value  # the next look-up is an ordinary one
    return value


def __dir__():
    return sorted({*globals(), *__all__})
