"""Failures, broken on purpose: ``gl.failures["mode_collapse"]``; ``list(gl.failures)`` names them.

One file a failure, each a record (see ``record.py``) with its healthy setting, one cause, remedies and a measure.
"""

import collections.abc
import importlib
import sys
import types

FILES = {  # name: (file, record)
    "mode_collapse": ("mode_collapse", "RING"),
    "mode_collapse_digits": ("mode_collapse", "DIGITS"),
}


class Catalogue(types.ModuleType, collections.abc.Mapping):
    """This package, read as a mapping from a failure's name to its record; each record is loaded when it is asked for."""

    def __getitem__(self, name):
        if name not in FILES:
            raise KeyError(f"no failure {name!r}; there are {', '.join(map(repr, FILES))}")
        file, record = FILES[name]
        return getattr(importlib.import_module(f"{__name__}.{file}"), record)

    def __iter__(self):
        return iter(FILES)

    def __len__(self):
        return len(FILES)

    __hash__ = types.ModuleType.__hash__  # a Mapping has none
    __eq__ = types.ModuleType.__eq__


sys.modules[__name__].__class__ = Catalogue
