"""genlab: learn, see and use generative models in Jupyter.

``import genlab as gl`` is quick on purpose: every public name below is loaded when it is first used,
so that no reader waits for torch, pandas, matplotlib or ipywidgets before asking for them.
"""

import importlib

__version__ = "0.1.0"

_MODULES = (
    "augment",
    "autoregressive",
    "datasets",
    "failures",
    "gan",
    "metrics",
    "molecules",
    "parts",
    "plots",
    "series",
    "storage",
    "tables",
    "training",
    "vae",
)
_NAMES = {  # public name -> module that defines it
    "Autoregressive": "autoregressive",
    "AutoregressiveParams": "autoregressive",
    "autoregressive_steps": "autoregressive",
    "Dataset": "datasets",
    "GAN": "gan",
    "GANParams": "gan",
    "gan_steps": "gan",
    "VAE": "vae",
    "VAEParams": "vae",
    "vae_steps": "vae",
    "run": "training",
    "Run": "training",
    "ensemble": "training",
    "Ensemble": "training",
    "sweep": "sweeping",
    "Sweep": "sweeping",
    "phase_diagram": "failures.diagram",
    "Lab": "lab",
    "guess": "lab",
    "draw": "lab",
    "check": "checks",
    "predict": "checks",
    "verdict": "claims",
    "share_line": "classroom",
    "collect": "classroom",
}
__all__ = [*_MODULES, *_NAMES]


def __getattr__(name):
    if name in _NAMES:
        value = getattr(importlib.import_module(f"{__name__}.{_NAMES[name]}"), name)
    elif name in _MODULES:
        value = importlib.import_module(f"{__name__}.{name}")
    else:
        raise AttributeError(f"genlab has no {name!r}; it has {', '.join(sorted(__all__))}")
    globals()[name] = value  # the next look-up is an ordinary one
    return value


def __dir__():
    return sorted({*globals(), *__all__})
