"""A lab as one line of text: what it takes to learn the same again, and digests that say whether it came out the same."""

import dataclasses
import hashlib
import json
import math

import numpy as np

import genlab
from genlab import datasets
from genlab.lab import asked
from genlab.rows import is_whole, plain_call
from genlab.training import short

VERSION = 1
TEXT, STEPS, CHECKS = 100_000, 1_000_000, 16  # characters of a recipe, its steps, and its digests, at most
MODELS = ("GAN", "VAE", "Autoregressive")
DATA = ("ring", "grid", "moons", "spiral", "line", "digits", "mnist", "names", "prose")  # rebuilt by name
FIELDS = {  # name: what it must be
    "version": int, "genlab": str, "model": str, "conditional": bool, "seed": int, "knobs": dict, "data": dict, "loss": str,
    "changes": list, "steps": int, "digests": list, "pace": float, "shown": list, "lock": list, "hide": list,
}  # fmt: skip


def write(bench, *, lock=(), hide=()):
    """One line of JSON for the present state of a bench."""
    model, data = bench.model, bench.data
    if type(model).__name__ not in MODELS:
        raise ValueError(f"{short(model)}: a recipe rebuilds {', '.join(MODELS)}; share the code of this one instead")
    knobs = dataclasses.asdict(model.hp)
    for _, name, old, _ in reversed(model.log):
        knobs[name] = old  # as they were before the first step
    usual = dataclasses.asdict(model.Params())
    said = [*knobs.values(), *(new for _, _, _, new in model.log)]
    recipe = dict(
        version=VERSION,
        genlab=genlab.__version__,
        model=type(model).__name__,
        conditional=bool(model.classes),
        seed=model.seed,
        knobs={name: value for name, value in knobs.items() if value != usual[name]},
        data=dict(name=data.name, call=data.call, fingerprint=data.fingerprint),
        loss=next((value for value in said if isinstance(value, str) and value.startswith("own: ")), ""),
        changes=[[step, name, new] for step, name, _, new in model.log],
        steps=model.step,
        digests=digests(bench.book),
        pace=bench.pace or 0.0,
        shown=list(bench.shown),
        lock=list(lock),
        hide=list(hide),
    )
    return json.dumps(recipe, separators=(",", ":"))


def read(text):
    """A recipe as a dict, with everything that is wrong with it in one ValueError."""
    if not isinstance(text, str) or not 2 <= len(text) <= TEXT:
        raise ValueError(
            f"a recipe is one line of text, as lab.recipe() gives, up to {TEXT:,} characters; this is {short(text)}"
        )
    try:
        recipe = json.loads(text.strip(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"this is no whole recipe ({error}): copy the whole line that lab.recipe() gave") from None
    if not isinstance(recipe, dict) or recipe.get("version") != VERSION:
        found = recipe.get("version") if isinstance(recipe, dict) else None
        raise ValueError(
            f"this recipe has version {found!r}, and this genlab reads {VERSION}: use the genlab that wrote it"
        )
    problems = [
        f"{name} is {short(recipe.get(name))}: must be {kind.__name__}"
        for name, kind in FIELDS.items()
        if type(recipe.get(name)) is not kind
    ]
    if not problems:
        problems = list(_problems(recipe))
    if problems:
        raise ValueError(f"recipe: {len(problems)} problem(s)\n  " + "\n  ".join(problems))
    return recipe


def _problems(recipe):
    if recipe["model"] not in MODELS:
        yield f"model {recipe['model']!r}: must be one of {', '.join(MODELS)}"
    if not 0 <= recipe["steps"] <= STEPS:
        yield f"steps={recipe['steps']}: must be from 0 to {STEPS:,}"
    if not math.isfinite(recipe["pace"]) or recipe["pace"] < 0:
        yield f"pace={recipe['pace']}: must be a number from 0, which is full speed"
    data = recipe["data"]
    if not all(isinstance(data.get(name), str) for name in ("name", "fingerprint")) or not plain_call(data.get("call")):
        yield "data: must have a name, a fingerprint and a call, the arguments that rebuild it"
    for name in ("shown", "lock", "hide"):
        if not all(isinstance(knob, str) for knob in recipe[name]):
            yield f"{name}: must be a list of names of knobs"
    fine = lambda c: isinstance(c, list) and len(c) == 3 and is_whole(c[0], 0) and isinstance(c[1], str)  # noqa: E731
    if not all(fine(change) for change in recipe["changes"]):
        yield "changes: each must be [step, name of a knob, new value]"
    elif [c[0] for c in recipe["changes"]] != sorted(c[0] for c in recipe["changes"]):
        yield "changes: their steps must not go back"
    if not all(
        isinstance(d, list) and len(d) == 2 and is_whole(d[0], 0) and isinstance(d[1], str) for d in recipe["digests"]
    ):
        yield "digests: each must be [step, text]"


def check_loss(recipe, name):
    """Whether the reader's own loss, by the name under which it was entered, is the one that a recipe needs."""
    if recipe["loss"] and name is None:
        raise ValueError(
            f"this recipe was made with a loss that is no part of it ({recipe['loss']}): pass loss=(loss_d, loss_g)"
        )
    if name is not None and name != recipe["loss"]:
        raise ValueError(f"loss: this is {name!r}, and the recipe was made with {recipe['loss'] or 'none'!r}")


def check_names(recipe, params):
    """Whether all knobs that a recipe changes, locks and hides exist, and the values are ones that they can have."""
    asked.check_names(params, [*recipe["lock"], *recipe["hide"]])
    for _, name, new in recipe["changes"]:
        params.check({name: new}, live_only=True)


def data_of(recipe, data):
    """The Dataset of a recipe: rebuilt by name, or the reader's own, checked by its fingerprint."""
    wanted = recipe["data"]
    if data is None and wanted["call"] is None:
        raise ValueError(
            f"this recipe was made with {wanted['name']!r}, rows that do not ship with genlab: "
            "gl.Lab.from_recipe(text, data=...)"
        )
    if data is None:
        if wanted["name"] not in DATA:
            raise ValueError(f"data {wanted['name']!r}: no such data set; there are {', '.join(DATA)}")
        try:
            data = getattr(datasets, wanted["name"])(**wanted["call"])
        except TypeError as error:
            raise ValueError(f"data {wanted['name']!r} cannot be made with {wanted['call']}: {error}") from None
    data = datasets.as_dataset(data)
    if data.fingerprint != wanted["fingerprint"]:
        raise ValueError(
            f"these rows ({data.name!r}) are not those of the recipe ({wanted['name']!r}, fingerprint "
            f"{wanted['fingerprint']}, not {data.fingerprint})"
        )
    return data


def digests(book):
    """[step, digest of everything up to there] at evenly spaced steps, the last among them."""
    steps, digest, made = list(book.steps), hashlib.sha256(), []
    names = sorted(book.columns)
    last = 0
    for i in range(1, CHECKS + 1):
        rows = len(steps) * i // CHECKS
        if rows == last:
            continue
        for name in names:
            digest.update(name.encode() + np.asarray(book.columns[name][last:rows]).tobytes())
        last = rows
        made.append([steps[rows - 1], digest.hexdigest()[:8]])
    return made


def compared(book, wanted):
    """ "exact", or from which steps on a replayed book differs from the digests of a recipe."""
    made, alike = dict(map(tuple, digests(book))), book.first
    for step, digest in wanted:
        if made.get(step) != digest:
            return f"differs from step {alike + 1}" + (f" or a later one up to {step}" if step > alike + 1 else "")
        alike = step
    return "exact"


def _refuse(constant):
    raise ValueError(f"{constant} is not a number that a recipe may hold")
