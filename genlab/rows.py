"""What may be a row of data: a reader's arrays as tensors, and everything that can be wrong with them, in words."""

import math
import numbers

import numpy as np
import torch

MAX_VALUES = 500_000_000  # 2 GB of float32: more than any lesson needs, less than what freezes a laptop
MAX_ROW = 65_536  # numbers in one row that a model takes
MAX_LABELS = 1000
MAX_LEVELS = 65_536
LARGEST = 1e18  # of a value: beyond it, squares overflow


def as_tensor(values, name):
    """A copy of `values` as a tensor of torch's default float type, or an error that says what they are instead.

    A copy, so that a reader who later writes into an array of theirs does not change what a model learns from.
    """
    dtype = torch.get_default_dtype()
    if isinstance(values, torch.Tensor):
        if values.is_complex():
            raise TypeError(f"{name} holds {values.dtype} values: only real numbers can be learned")
        return values.detach().to(device="cpu", dtype=dtype, copy=True)
    array = _as_array(values, name)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} holds {array.dtype} values ({type(values).__name__}): only numbers can be learned")
    with np.errstate(over="ignore"):  # what is too large becomes infinite here, and is named by row below
        return torch.from_numpy(np.array(array, dtype=torch.empty(0).numpy().dtype, order="C"))


def _as_array(values, name):
    if np.ma.isMaskedArray(values):
        values = values.astype(float).filled(np.nan)  # plain conversion would bring back what was masked
    try:
        array = np.asarray(values)
        if array.dtype == object and array.size and all(isinstance(value, numbers.Real) for value in array.flat):
            whole = all(isinstance(value, numbers.Integral) for value in array.flat)
            array = array.astype(np.int64 if whole else float)  # a table with columns of several kinds of numbers
    except (ValueError, OverflowError) as error:  # lists of different lengths; whole numbers beyond any float
        raise TypeError(f"{name} cannot be read as an array ({type(values).__name__}): {error}") from None
    return array


def as_labels(y, below=MAX_LABELS):
    """A copy of labels as a tensor of whole numbers, or an error that says what they are instead."""
    if not isinstance(y, torch.Tensor):
        y = _as_array(y, "y")
        whole = y.dtype.kind in "iu"
    else:
        whole = not (y.is_floating_point() or y.is_complex() or y.dtype == torch.bool)
    if not whole:
        raise ValueError(f"y holds {y.dtype} values: labels are whole numbers 0, 1, 2, ... up to {below - 1}")
    if not isinstance(y, torch.Tensor):
        y = torch.from_numpy(y.astype(np.int64))
    y = y.detach().to(device="cpu", dtype=torch.int64, copy=True)
    if y.numel() and not 0 <= y.min() <= y.max() < below:
        raise ValueError(f"y runs from {y.min()} to {y.max()}: labels are whole numbers from 0 to {below - 1}")
    return y


def row_problems(x):
    """What is wrong with the shape of x, and with single rows of it."""
    problems = []
    if x.dim() not in (2, 4):
        problems.append(
            f"x has shape {tuple(x.shape)}: rows of points are (n, d), images are (n, channels, height, width); "
            "add the missing axes, for example x[:, None]"
        )
    if x.dim() and len(x) < 2:
        problems.append(f"x has {len(x)} row(s): a model needs at least 2 to learn from")
    if x.dim() and 0 in x.shape[1:]:
        problems.append(f"x has shape {tuple(x.shape)}: a row needs at least 1 number")
    if x.numel() > MAX_VALUES:
        problems.append(f"x holds {x.numel():,} values: at most {MAX_VALUES:,}; take a sample of the rows")
    elif x.numel() and x.dim():
        bad = ~(x.reshape(len(x), -1).abs() <= LARGEST).all(1)  # NaN too
        if bad.any():
            problems.append(
                f"x has NaN, infinite or too large values (beyond {LARGEST:g}) in {int(bad.sum())} of {len(x)} rows "
                f"(first: row {int(bad.nonzero()[0])}): remove, fill or rescale them"
            )
    return problems


def range_problems(x, limits):
    """What is wrong with the range, and with x given that range."""
    if limits is None:
        images = "images of unknown range: say range=(lowest, highest), for example range=(0, 255)"
        return [images] if x.dim() == 4 else []
    try:
        low, high = map(float, limits)
    except (TypeError, ValueError):
        low = high = math.nan
    if not -LARGEST <= low < high <= LARGEST:
        return [f"range={limits!r}: needs two finite numbers, the lower one first"]
    if x.numel() and (x.min() < low or x.max() > high):
        return [f"x runs from {x.min():g} to {x.max():g}, outside its range={limits}"]
    return []


def level_problems(x, limits, levels, symbols, end):
    """What is wrong with the levels and what is said about them, and with x given those levels."""
    if levels is None:
        said = symbols is not None or end is not None
        return ["symbols and end are about codes: say levels=, the number of codes"] if said else []
    if not is_whole(levels, 2, MAX_LEVELS):
        return [f"levels={levels!r}: must be a whole number from 2 to {MAX_LEVELS:,}"]
    problems, (low, high) = [], limits or (0, levels - 1)
    code = (x.double() - low) / (high - low) * (levels - 1)
    away = (code - code.round()).abs().gt(1e-3) | code.lt(-1e-3) | code.gt(levels - 1 + 1e-3)
    if away.any():
        problems.append(
            f"{int(away.sum()):,} of {x.numel():,} values are none of the {levels} levels from {low:g} to {high:g} "
            f"(first: {x[away][0]:g}): round them, or leave levels out"
        )
    if symbols is not None and not (isinstance(symbols, str) and len(symbols) == len(set(symbols)) == levels):
        problems.append(f"symbols={symbols!r}: must be {levels} different characters, one for each level")
    if end is not None and not is_whole(end, 0, levels - 1):
        problems.append(f"end={end!r}: must be one of the codes 0 to {levels - 1}")
    elif end is not None and not problems:
        over = (code.round() == end).flatten(1)
        late = over.cummax(1).values.ne(over).any(1)
        if late.any():
            problems.append(
                f"{int(late.sum())} row(s) go on behind the code {end} that ends them (first: row "
                f"{int(late.nonzero()[0])}): fill the rest of a row with {end}"
            )
    return problems


def labels_of(x, y):
    """Labels `y` of the rows x as a tensor, None where they cannot be or are not given; and what is wrong with them."""
    if y is None:
        return None, []
    try:
        y = as_labels(y)
    except ValueError as error:
        return None, [str(error)]
    if y.shape != x.shape[:1]:
        return None, [f"y has shape {tuple(y.shape)}: one label a row is {tuple(x.shape[:1])}"]
    return y, []


def beside_problems(x, modes, call):
    """What is wrong with the modes and the call that come with the rows x."""
    problems = []
    if modes is not None and modes.shape[1:] != x.shape[1:]:
        problems.append(f"modes have shape {tuple(modes.shape)}: one row each, of shape {tuple(x.shape[1:])}")
    if not plain_call(call):
        problems.append(f"call={call!r}: must be None, or arguments by name that are numbers, text or booleans")
    return problems


def plain_call(call):
    """Whether `call` can be written to a file and typed by a reader: names with numbers, text or booleans; or None."""
    named = isinstance(call, dict) and all(isinstance(name, str) and name.isidentifier() for name in call)
    return call is None or named and all(map(is_plain, call.values()))


def is_plain(value):
    """Whether `value` is text, a boolean or a finite number of Python's own."""
    return type(value) in (bool, int, str) or type(value) is float and math.isfinite(value)


def is_whole(value, low=0, high=2**62):
    """Whether `value` is a whole number from `low` to `high`; True and False are not."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool) and low <= value <= high
