"""Make .venv, the project's own environment, with the extras named: ``python scripts/set_up.py lab test``.

`make` calls this; it needs nothing but Python. Torch comes first and in its CPU build: on Linux the ordinary wheel would
bring several GB of CUDA libraries, so it is looked for as ``+cpu`` where pip is set to look, then in PyTorch's own CPU
index (or the one in the variable TORCH_INDEX), and nowhere else. A stamp in .venv makes the next call quick.
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
CONSTRAINTS = ROOT / "constraints" / "set-up.txt"
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
OLDEST = (3, 11)
DISK = 2.0  # GB that must be free: the environment takes about 1.7
UNREACHABLE = re.compile(r"NewConnectionError|ConnectTimeout|name resolution|Max retries|No route to host|ProxyError")
QUIET_JUPYTER = {  # JupyterLab then neither asks about news nor fetches any
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}
}


class SetUpError(Exception):
    """Why there is no environment, in one sentence."""


def main(extras):
    """Set up .venv with `extras`, or say in one sentence why that cannot be; the exit status."""
    try:
        base = find_python()
        stamps = {VENV / f"genlab-{extra}.stamp": fingerprint(extra) for extra in extras}
        if all(stamp.is_file() and stamp.read_text("utf-8") == now for stamp, now in stamps.items()) and works(
            venv_python()
        ):
            return 0
        check_disk()
        make_venv(base)
        install_torch()
        print("genlab itself with its {} tools".format(" and ".join(extras)), flush=True)
        pip("-c", str(CONSTRAINTS), "-e", "{}[{}]".format(ROOT, ",".join(extras)))
        settings = VENV / "share" / "jupyter" / "lab" / "settings"
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "overrides.json").write_text(json.dumps(QUIET_JUPYTER), "utf-8")
        for stamp, now in stamps.items():
            stamp.write_text(now, "utf-8")
        print("Set up in .venv.", flush=True)
    except SetUpError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("set-up: interrupted; the next call goes on from here", file=sys.stderr)
        return 130
    return 0


def find_python():
    """A Python that is new enough: this one, or another on the path."""
    if sys.version_info >= OLDEST:
        return getattr(sys, "_base_executable", None) or sys.executable
    for name in ("python3.14", "python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        if found and works(found):
            return found
    here = ".".join(map(str, sys.version_info[:2]))
    raise SetUpError(
        "genlab needs Python {}.{} or newer and found only {}; install one (python.org, or your package manager) and "
        "call `make PYTHON=/path/to/python3 ...`".format(*OLDEST, here)
    )


def works(python):
    """Whether `python` starts and is new enough (a shim of pyenv may exist and not start)."""
    code = f"import sys; sys.exit(sys.version_info < {OLDEST})"
    try:
        return subprocess.run([str(python), "-c", code], stderr=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False


def venv_python():
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint(extra):
    """Changes when anything changes that an environment is made of, this folder's place included."""
    parts = [str(ROOT), extra, os.environ.get("TORCH_INDEX", "")]
    parts += [path.read_text("utf-8") for path in (ROOT / "pyproject.toml", CONSTRAINTS, Path(__file__))]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def check_disk():
    free = shutil.disk_usage(str(ROOT)).free / 1e9
    if free < DISK and not VENV.exists():
        raise SetUpError(f"{free:.1f} GB are free at {ROOT}, and about {DISK:g} are needed: make room first")


def make_venv(base):
    if works(venv_python()):
        return
    if sys.executable == base and importlib.util.find_spec("ensurepip") is None:
        raise SetUpError("this Python has no venv module; on Debian and Ubuntu: `sudo apt-get install python3-venv`")
    print(f"A new environment in .venv, by {base}", flush=True)
    made = subprocess.run(
        [base, "-m", "venv", "--clear", str(VENV)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if made.returncode:
        raise SetUpError("`{} -m venv .venv` failed: {}".format(base, " ".join(made.stdout.split())))


def install_torch():
    """The CPU build, of the release in the constraints."""
    release = re.search(r"^torch==(\S+)", CONSTRAINTS.read_text("utf-8"), re.M).group(1)
    index = os.environ.get("TORCH_INDEX")
    if index:
        print(f"torch {release} from {index} (200 MB or more)", flush=True)
        pip(f"torch=={release}", "--index-url", index)
    elif sys.platform != "linux":
        print(f"torch {release} (100 to 250 MB)", flush=True)
        pip(f"torch=={release}")  # has no CUDA on macOS and Windows
    else:
        print(f"torch {release}, CPU build (about 200 MB)", flush=True)
        if pip(f"torch=={release}+cpu", "--retries", "1", fail=False):
            return
        print(f"  from {CPU_INDEX}", flush=True)
        pip(f"torch=={release}+cpu", "--index-url", CPU_INDEX)


def pip(*arguments, fail=True):
    """Install quietly; whether it worked, or the reason in one sentence."""
    command = [str(venv_python()), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    command += arguments
    done = subprocess.run(command, cwd=str(ROOT), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode == 0 or not fail:
        return done.returncode == 0
    log = VENV / "set-up.log"
    log.write_text(done.stdout, "utf-8")
    if "No space left" in done.stdout:
        raise SetUpError("the disk became full while installing: make room, then call again")
    if UNREACHABLE.search(done.stdout):
        raise SetUpError(f"the package index cannot be reached: is there a network? (pip's own words: {log})")
    errors = [line[6:].strip() for line in done.stdout.splitlines() if line.startswith("ERROR:")]
    raise SetUpError("pip failed: {} (all of it: {})".format(errors[-1] if errors else "no reason given", log))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ["lab"]))
