"""What a reader brings: a loop of their own in a lab, and a loss of their own in a GAN, with mistakes named by line."""

import dataclasses
import linecache
import pathlib
import sysconfig

import torch

from genlab import gan, training
from genlab.parts import Params
from genlab.rows import is_whole

PACKAGE = str(pathlib.Path(__file__).parents[1])
LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


@dataclasses.dataclass
class NoParams(Params):
    """A loop of a reader's own declares no knobs."""


class OwnLoop:
    """A generator of dicts, dressed as much like a model as a lab needs."""

    Params, classes = NoParams, 0

    def __init__(self, loop):
        self.records, self.hp, self.log, self.step = training.as_loop(loop), NoParams(), [], 0
        self.name = getattr(loop, "__name__", "own loop")

    def steps(self, data=None):
        for record in self.records:
            number = record.get("step") if isinstance(record, dict) else None
            self.step = int(number) if is_whole(number, 0) else self.step + 1
            yield record

    def set(self, **changes):
        self.Params.check(changes)

    def __repr__(self):
        return f"{self.name}(step {self.step})"


def own_loss(pair):
    """Enter a reader's pair of functions among the GAN's losses, checked at each call; returns its name there.

    Raises
    ------
    TypeError
        It is not a pair of functions, or one of them gives something that cannot be learned from.
    """
    mend = (
        "give two functions, loss=(loss_d, loss_g): loss_d(score_real, score_fake) is what the discriminator minimises, "
        "loss_g(score_fake) what the generator does; gl.gan.LOSSES has examples"
    )
    if not isinstance(pair, tuple | list) or len(pair) != 2 or not all(map(callable, pair)):
        raise TypeError(f"loss={training.short(pair)}: {mend}")
    name = " and ".join(getattr(function, "__name__", "a function") for function in pair)
    name = f"own: {name}"
    gan.LOSSES[name] = tuple(_checked(function) for function in pair)
    return name


def _checked(function):
    called = getattr(function, "__name__", "your loss")

    def loss(*scores):
        value = function(*scores)
        if not isinstance(value, torch.Tensor):
            raise TypeError(f"{called} gave {training.short(value)}: it must give a tensor made from the scores")
        if value.shape != scores[0].shape[:-1]:
            raise TypeError(
                f"{called} gave a tensor of shape {tuple(value.shape)}: one number is needed, such as .mean(-1)"
            )
        if not value.requires_grad:
            raise TypeError(
                f"{called} gave a number that does not depend on the scores: nothing can be learned from it"
            )
        return value

    return loss


def told(error):
    """An error as a sentence that names the reader's own line, where one is to blame."""
    words = f"{type(error).__name__}: {error}"
    trace, own = error.__traceback__, None
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith((PACKAGE, "<frozen", *LIBRARIES)):
            own = trace if trace.tb_frame.f_code.co_name != "<module>" else own
        trace = trace.tb_next
    if own is None:
        return words
    code, number = own.tb_frame.f_code, own.tb_lineno
    line = linecache.getline(code.co_filename, number, own.tb_frame.f_globals).strip()
    return f"in line {number} of {code.co_name}{f', `{line}`' if line else ''}: {words}"
