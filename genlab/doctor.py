"""What ``genlab doctor`` looks at on this machine: a level (ok, warning, problem) and a line that says what to do.

It only looks; it installs and changes nothing, and asks no network.
"""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from pathlib import Path

MEMORY, DISK = (2e9, 0.5e9), (1e9, 0.2e9)  # bytes free: below the first a warning, below the second a problem


def examine():
    """Yield (level, text) for each thing looked at; level is "ok", "warning" or "problem"."""
    for check in (_python, _libraries, _torch, _memory, _disk, _jupyter, _widgets, _files):
        yield from check()


def _python():
    yield "ok", f"Python {platform.python_version()} on {platform.system()} {platform.machine()} ({sys.executable})"


def _libraries():
    """Installed versions against the bounds that genlab declares."""
    from packaging.requirements import Requirement

    try:
        declared = [Requirement(line) for line in importlib.metadata.requires("genlab") or []]
    except importlib.metadata.PackageNotFoundError:
        yield "warning", "genlab is not installed, only imported from a folder: pip install -e . there"
        return
    good = []
    for need in declared:
        core = need.marker is None or need.marker.evaluate({"extra": ""})
        if not core and not need.marker.evaluate({"extra": "lab"}):
            continue
        have = _installed(need.name)
        if have is not None and need.specifier.contains(have, prereleases=True):
            good.append(f"{need.name} {have}")
            continue
        found = "is not installed" if have is None else f"{have} is here"
        yield (
            "problem" if core else "warning",
            f'{need.name} {found}, {need.specifier} is needed: pip install "{need.name}{need.specifier}"',
        )
    if good:
        yield "ok", f"libraries: {', '.join(good)}"


def _installed(name):
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _torch():
    try:
        import torch
    except Exception as error:  # a broken install fails in many ways, and each is worth the same line
        yield "problem", f"torch cannot be imported ({type(error).__name__}: {error}): install it again"
        return
    device = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    yield "ok", f"torch computes on {device}, with {torch.get_num_threads()} thread(s) of {os.cpu_count()} processors"


def _memory():
    if importlib.util.find_spec("psutil") is None:
        yield "ok", "memory not measured (psutil is not installed)"
        return
    import psutil

    yield _enough("memory", psutil.virtual_memory().available, MEMORY, "close other programs and kernels")


def _disk():
    yield _enough(f"disk at {Path.cwd()}", shutil.disk_usage(Path.cwd()).free, DISK, "make room")


def _enough(what, free, limits, mend):
    level = "problem" if free < limits[1] else "warning" if free < limits[0] else "ok"
    return level, f"{what}: {free / 1e9:.1f} GB free" + ("" if level == "ok" else f": {mend}")


def _jupyter():
    """JupyterLab, and whether its kernel `python3` is this Python."""
    if importlib.util.find_spec("jupyterlab") is None:
        yield "warning", "JupyterLab is not installed: pip install jupyterlab"
    if importlib.util.find_spec("ipykernel") is None or importlib.util.find_spec("jupyter_client") is None:
        return
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        yield "problem", "Jupyter has no kernel named python3: python -m ipykernel install --sys-prefix"
        return
    ours = ("python", "python3", "python{}.{}".format(*sys.version_info))  # Jupyter puts its own Python there
    if program in ours or _same_file(program, sys.executable):
        yield "ok", "notebooks run in this Python"
    else:
        yield "warning", f"notebooks run in {program}, not in this Python: python -m ipykernel install --sys-prefix"


def _same_file(one, other):
    one, other = (os.path.normcase(os.path.abspath(path)) for path in (one, other))
    return one == other


def _widgets():
    """Whether a click in the browser reaches Python."""
    have = {name: _installed(name) for name in ("ipywidgets", "anywidget", "ipykernel", "jupyterlab_widgets")}
    if have["ipykernel"] == "7.0.0":
        yield "problem", 'ipykernel 7.0.0 loses what widget handlers print and raise: pip install "ipykernel>7.0.0"'
    if _installed("jupyterlab") and not have["jupyterlab_widgets"]:
        yield "problem", "JupyterLab cannot show widgets: pip install jupyterlab_widgets, then reload its page"
    yield "ok", "widgets: " + ", ".join(f"{name} {version}" for name, version in have.items() if version)


def _files():
    """Shipped data against their digests, and the notebooks."""
    try:
        from genlab import files

        for name in files.FILES:
            files.read(name)
        notebooks = len(list(files.shipped("notebooks").glob("*.ipynb")))
    except Exception as error:  # whatever it is, the reader is to see the other lines as well
        yield "problem", f"shipped files: {error}"
        return
    if notebooks == 0:
        yield "problem", "shipped files: no notebooks: install genlab again (pip install --force-reinstall genlab)"
        return
    yield "ok", f"shipped files: {len(files.FILES)} data file(s) as they should be, {notebooks} notebook(s)"
