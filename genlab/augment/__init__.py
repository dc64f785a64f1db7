"""Real rows with others added: does a learner gain, from how few rows, and for whom? Measured on real rows held out.

An *experiment* fits everything on the rows that may be learned from (models that make rows, too), lets every arm choose its
learner's knobs by the same real rows, and scores on other ones. A *study* is an experiment with many seeds; those of
`digits`, `survey` and `rare_answer` ship with genlab::

    study = gl.augment.survey().stored()
    study.gains("accuracy")

Like ``import genlab``, it loads each name when it is first used.
"""

import importlib

_NAMES = {  # public name -> module that defines it
    "digits": "shipped",
    "survey": "shipped",
    "texting": "shipped",
    "rare_answer": "shipped",
    "EXPERIMENTS": "shipped",
    "of_images": "images",
    "of_rows": "rows",
    "of_rare": "rare",
    "chances": "rare",
    "ARMS": "images",
    "smote": "between",
    "missing": "between",
    "deal": "study",
    "Study": "study",
    "Experiment": "study",
}
__all__ = list(_NAMES)


def __getattr__(name):
    if name not in _NAMES:
        raise AttributeError(f"genlab.augment has no {name!r}; it has {', '.join(sorted(__all__))}")
    value = getattr(importlib.import_module(f"{__name__}.{_NAMES[name]}"), name)
    globals()[name] = value  # the next look-up is an ordinary one
    return value


def __dir__():
    return sorted({*globals(), *__all__})
