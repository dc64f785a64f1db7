"""What every test gets: no way to the outside, no figures left open, Agg instead of a window."""

import os
import runpy
import sys
import tempfile
from pathlib import Path

import pytest

OFFLINE = Path(__file__).parent / "offline"

# Before anything else is imported, and for every child (kernels, servers, builds) as well.
_path = os.environ.get("PYTHONPATH", "").split(os.pathsep)
os.environ["PYTHONPATH"] = os.pathsep.join([str(OFFLINE), *(p for p in _path if p and p != str(OFFLINE))])
_descriptor, REFUSED = tempfile.mkstemp(prefix="genlab-refused-")
os.close(_descriptor)
os.environ["GENLAB_REFUSED"] = REFUSED
os.environ.setdefault("MPLBACKEND", "agg")
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the workers share the cores: one thread each, kernels included
runpy.run_path(str(OFFLINE / "sitecustomize.py"))


def pytest_unconfigure():
    Path(REFUSED).unlink(missing_ok=True)


@pytest.fixture
def refused():
    """The list of what was refused so far in this test; a test that takes it answers for it itself."""
    before = len(Path(REFUSED).read_text("utf-8").splitlines())
    return lambda: Path(REFUSED).read_text("utf-8").splitlines()[before:]


@pytest.fixture(autouse=True)
def offline(request):
    """Fail the test in which something asked for the outside, even where the error was swallowed."""
    before = len(Path(REFUSED).read_text("utf-8").splitlines())
    yield
    asked = Path(REFUSED).read_text("utf-8").splitlines()[before:]
    if asked and "refused" not in request.fixturenames:
        pytest.fail("asked for the outside: " + "; ".join(asked))


@pytest.fixture(autouse=True)
def no_open_figures():
    """Close what a test left open; does not import matplotlib for the tests that need none."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture
def float64():
    """Numbers of double precision while the test runs; imports torch only for the tests that ask."""
    import torch

    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@pytest.fixture
def refuses():
    """A function that fails unless a folder of a table model, damaged, is refused in one sentence that names it."""
    from genlab.tables.synthesis.modelfile import ModelFileError
    from genlab.tables.synthesis.synthesizer import Synthesizer

    def check(folder):
        with pytest.raises(ModelFileError) as caught:
            Synthesizer.load(folder)
        assert str(folder) in str(caught.value) and len(str(caught.value)) < 600

    return check
