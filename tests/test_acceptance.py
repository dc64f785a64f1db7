"""The lines that users type, run as they are printed in the README and the notebooks, and what each must give.

The quick test runs them with fewer steps and seeds, the slow one to the letter. The lab's lines are in its own tests.
"""

import ast

import numpy as np
import pandas as pd
import pytest
import torch

LINES = """
import genlab as gl
data = gl.datasets.ring(modes=8, n=4000, seed=1)
digits = gl.datasets.digits(split="train")
gan = gl.GAN(data, hidden=64, loss="nonsaturating", seed=1)
run = gl.run(gan.steps(data, batch_size=128), steps=2000)
x = gan.sample(1000)
y = gl.GAN(digits, conditional=True).sample(10, y=3)
modes = gl.metrics.modes_covered(x, data)
gan.save("gan.safetensors"); again = gl.GAN.load("gan.safetensors")
for step, record in zip(range(200), gan.steps(data)): ...
ensemble = gl.ensemble(gl.GAN, data, seeds=range(64), steps=1000)
"""
QUICK = {"steps=2000": "steps=60", "range(64), steps=1000": "range(5), steps=20", "range(200)": "range(30)"}
ONWARDS = "for again_step, again_record in zip(range(200), again.steps(data)): ..."


def typed(quick):
    """The names that the lines leave behind; an error names its line."""
    lines, names = LINES.strip().splitlines() + [ONWARDS], {}
    for line in lines:
        for full, short in QUICK.items() if quick else ():
            line = line.replace(full, short)
        exec(compile(ast.parse(line, filename=line), line, "exec"), names)
    return names


@pytest.mark.parametrize(
    "quick", [pytest.param(True, id="quick"), pytest.param(False, id="full", marks=pytest.mark.slow)]
)
def test_the_lines_that_users_type(quick, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    steps, looped, seeds, kept = (60, 30, 5, 20) if quick else (2000, 200, 64, 1000)
    found = typed(quick)

    data, digits = found["data"], found["digits"]
    assert isinstance(data.x, torch.Tensor) and data.x.shape == (4000, 2) and data.y is None
    assert data.shape == (2,) and data.name == "ring" and data.source and data.license
    assert digits.range == (0, 16) and digits.levels == 17 and digits.y.unique().tolist() == list(range(10))

    run = found["run"]
    assert isinstance(run.history, pd.DataFrame) and list(run.history.index) == list(range(1, steps + 1))
    assert run.stopped is None and found["gan"].hp.batch_size == 128
    assert found["x"].shape == (1000, 2) and found["x"].isfinite().all()
    assert found["y"].shape == (10, 1, 8, 8) and 0 <= found["y"].min() <= found["y"].max() <= 16
    assert 0 <= found["modes"] <= 8 and hasattr(found["modes"], "floor")

    assert found["step"] == looped - 1 and found["record"]["step"] == steps + looped == found["gan"].step
    assert found["again_record"] == found["record"]  # what was loaded goes on bit for bit

    ensemble = found["ensemble"]
    assert len(ensemble.frame) == seeds * kept and ensemble.frame.seed.unique().tolist() == list(range(seeds))
    assert ensemble.sample(7).shape == (seeds, 7, 2)
    if not quick:
        assert found["modes"] >= 7 and ensemble.lost == {}


def test_what_else_the_names_promise(tmp_path):
    import genlab as gl

    data = gl.datasets.ring()
    gan = gl.GAN(data, hidden=8)
    assert torch.equal(gan.sample(4, seed=2), gan.sample(4, seed=2))  # seed= for a fixed draw
    with pytest.raises(ValueError, match="(?s)hiden.*lr_g=-1"):  # bad ones listed all at once
        gl.GAN(data, hiden=8, lr_g=-1)
    with pytest.raises(ValueError, match="no labels"):  # an error where none exist
        gl.GAN(data, conditional=True)
    with pytest.raises(ValueError, match="knows no labels"):
        gan.sample(3, y=3)
    held_out = gl.datasets.digits(split="test")
    assert len(held_out) and not set(map(bytes, np.asarray(held_out.x))) & set(
        map(bytes, np.asarray(gl.datasets.digits().x))
    )
    with pytest.raises(RuntimeError, match="ended by itself") as caught:  # strict=True raises
        gl.run([], steps=3, strict=True)
    assert caught.value.run.stopped
    assert list(gl.run(({"loss": 1 / n} for n in range(1, 9)), steps=5).history.loss) == [1, 1 / 2, 1 / 3, 1 / 4, 1 / 5]


def test_names_are_found_or_named():
    import genlab as gl

    assert {"GAN", "run", "datasets", "ensemble", "Lab", "check"} <= set(dir(gl))
    with pytest.raises(AttributeError, match="genlab has no 'Gan'; it has .*GAN"):
        gl.Gan  # noqa: B018
