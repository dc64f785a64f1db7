"""Failures, broken on purpose: ``gl.failures["mode_collapse"]``; ``list(gl.failures)`` names them.

One file a failure, each a record (see ``record.py``) with its healthy setting, one cause, remedies and a measure.
"""

import collections.abc
import importlib
import sys
import types

FILES = {  # name: (file, record)
    "mode_collapse": ("mode_collapse", "RING"),
    "mode_collapse_grid": ("mode_collapse", "GRID"),
    "mode_collapse_digits": ("mode_collapse", "DIGITS"),
    "instability": ("instability", "MOMENTUM"),
    "discriminator_ahead": ("instability", "AHEAD"),
    "discriminator_behind": ("instability", "BEHIND"),
    "blurriness": ("blurriness", "BLUR"),
    "posterior_collapse": ("posterior_collapse", "COLLAPSE"),
    "limited_context": ("long_range", "CONTEXT"),
    "vanishing_gradient": ("long_range", "VANISHING"),
    "repetition": ("repetition", "REPETITION"),
    "early_noise": ("output_quality", "EARLY"),
    "too_little_data": ("output_quality", "DATA"),
    "too_little_training": ("output_quality", "TRAINING"),
    "too_large_a_model": ("output_quality", "SIZE"),
    "memorisation": ("output_quality", "MEMORY"),
}


class Catalogue(types.ModuleType, collections.abc.Mapping):
    """This package, read as a mapping from a failure's name to its record; each record is loaded when it is asked for."""

    def __getitem__(self, name):
        if name not in FILES:
            raise KeyError(f"no failure {name!r}; there are {', '.join(map(repr, FILES))}")
        file, record = FILES[name]
        return getattr(importlib.import_module(f"{__name__}.{file}"), record)

    def mystery(self, seed=0, among=None):
        """A sick run without a name: :class:`genlab.failures.diagnosis.Mystery`."""
        from genlab.failures.diagnosis import Mystery

        return Mystery(seed, among)

    def key(self, seeds=20, among=None):
        """For the instructor, which failure each mystery has: :func:`genlab.failures.diagnosis.key`."""
        from genlab.failures.diagnosis import key

        return key(seeds, among)

    def chart(self):
        """Symptom, measure, likely cause, remedy: :func:`genlab.failures.diagnosis.chart`."""
        from genlab.failures.diagnosis import chart

        return chart()

    def __iter__(self):
        return iter(FILES)

    def __len__(self):
        return len(FILES)

    __hash__ = types.ModuleType.__hash__  # a Mapping has none
    __eq__ = types.ModuleType.__eq__


sys.modules[__name__].__class__ = Catalogue
