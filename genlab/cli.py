"""The command ``genlab``: ``lab`` copies the course out and opens it, ``synth`` and ``report`` work on tables (see
``genlab/tables/commands.py``), ``doctor`` checks this machine.

It starts quickly: what a command needs is imported when the command runs. It changes nothing outside the folder that it
is given, and never writes over a file that the reader changed without asking.
"""

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

RECORD = ".genlab-course.json"  # in the course's folder: digest of every file as it was copied


class Trouble(Exception):
    """What hinders a command, in one sentence."""


def main(argv=None):
    """Run one command; its exit status."""
    parser = argparse.ArgumentParser(prog="genlab", description="Learn, see and use generative models in Jupyter.")
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    lab = commands.add_parser("lab", help="copy the course into a folder and open it in JupyterLab")
    lab.add_argument("folder", nargs="?", default="genlab-course", metavar="FOLDER", help="default: %(default)s")
    lab.add_argument("--only", metavar="00,07", help="copy only the notebooks with these numbers")
    lab.add_argument("--no-open", action="store_true", help="copy, and do not start JupyterLab")
    lab.add_argument("--no-browser", action="store_true", help="start JupyterLab, and open no browser")
    lab.add_argument("--port", type=int, metavar="N", help="JupyterLab's port; if taken, it tries the next ones")
    lab.set_defaults(command=_lab)
    _add_tables(commands)
    doctor = commands.add_parser("doctor", help="check Python, libraries, memory, Jupyter and the shipped files")
    doctor.set_defaults(command=_doctor)
    options = parser.parse_args(argv)
    if not hasattr(options, "command"):
        parser.print_help()
        return 0
    try:
        return options.command(options)
    except (Trouble, OSError) as error:
        print(f"genlab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ngenlab: stopped", file=sys.stderr)
        return 130


def _add_tables(commands):
    """The two commands for tables."""
    ends = "Exit status: 0 done, 1 an error, 2 wrong usage, 3 done, and the report found a leak."
    synth = commands.add_parser("synth", help="make a synthetic table from a real one", epilog=ends)
    synth.add_argument("real", metavar="FILE", help="the real table: csv, xlsx, sav, dta or parquet")
    synth.add_argument("--out", required=True, metavar="FILE", help="the synthetic table to write: .csv or .tsv")
    synth.add_argument("--report", metavar="FILE", help="the report to write: .html")
    synth.add_argument("--rows", type=_count, metavar="N", help="synthetic rows; default: as many as real ones")
    synth.add_argument("--holdout", type=_share, default=0.5, metavar="SHARE", help="of the rows; default: %(default)s")
    synth.add_argument(
        "--method",
        default="trees",
        choices=("trees", "autoregressive", "vae", "gan", "independent", "marginals"),
        metavar="METHOD",
        help="%(choices)s; default: %(default)s. Networks are slower; only marginals make a formal promise",
    )
    synth.add_argument(
        "--prior", choices=("normal", "aggregate"), default="normal", help="of a vae; default: %(default)s"
    )
    synth.add_argument(
        "--epsilon", type=float, metavar="E", help="privacy budget of marginals: 1 is strict, 10 is weak"
    )
    synth.add_argument("--delta", type=float, metavar="D", help="chance that epsilon fails, far below 1 / rows")
    synth.add_argument(
        "--min-leaf",
        type=_count,
        metavar="N",
        help="least rows in a leaf: larger ones copy less and blur more (default: 20, below 1,000 rows 50)",
    )
    synth.add_argument("--escape-formulas", action="store_true", help="defuse cells that a spreadsheet would compute")
    report = commands.add_parser("report", help="compare a synthetic table with the real one", epilog=ends)
    report.add_argument("real", metavar="REAL", help="the rows that the synthetic table was learned from")
    report.add_argument("synthetic", metavar="SYNTHETIC")
    report.add_argument(
        "--holdout", metavar="FILE", help="real rows kept from the synthesizer; without it, no word on leaks"
    )
    report.add_argument(
        "--sensitive", metavar="COLUMN", help="groups whose gaps in the target are measured; needs --holdout"
    )
    report.add_argument("--favourable", metavar="LEVEL", help="the level of the target that counts as yes there")
    report.add_argument("--out", default="report.html", metavar="FILE", help="default: %(default)s")
    synth.set_defaults(sensitive=None, favourable=None)  # folds measure no gaps
    for command in (synth, report):
        command.add_argument("--target", metavar="COLUMN", help="what analysts predict and attackers want")
        command.add_argument("--keys", metavar="A,B", help="columns that an attacker may know")
        command.add_argument("--types", metavar="FILE", help="types of the columns, as Types.to_json writes them")
        command.add_argument("--seed", type=_seed, default=0, metavar="N", help="default: %(default)s")
        command.add_argument("--force", action="store_true", help="replace files that are there")
        command.set_defaults(command=_tables, name=command.prog.rpartition(" ")[2])


def _tables(options):
    from genlab.tables import commands

    try:
        return getattr(commands, options.name)(options)
    except (ValueError, ImportError) as error:  # the messages of genlab.tables are made for readers
        raise Trouble(error) from None


def _count(text, least=1):
    if not (text.isascii() and text.isdecimal() and least <= int(text) <= 10**8):
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number from {least} to {10**8:,}")
    return int(text)


def _seed(text):
    return _count(text, least=0)


def _share(text):
    try:
        share = float(text)
    except ValueError:
        share = 0
    if not 0 < share < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a share between 0 and 1, such as 0.5")
    return share


def _version():
    from genlab import __version__

    return f"genlab {__version__}"


def _lab(options):
    from genlab.files import shipped

    folder = Path(options.folder)
    names = course(shipped("notebooks"), options.only)
    copied, kept = copy(shipped("notebooks"), folder, names, ask=_ask if sys.stdin and sys.stdin.isatty() else None)
    print(f"{len(copied)} of {len(names)} files written to {folder}.")
    if kept:
        print(f"Kept as you changed them: {', '.join(kept)}. For a fresh copy, rename yours and call again.")
    if options.no_open:
        return 0
    if importlib.util.find_spec("jupyterlab") is None:
        raise Trouble("JupyterLab is not installed: pip install jupyterlab, then call again")
    first = next(name for name in names if name.endswith(".ipynb"))
    return _open(folder, first, options)


def course(source, only=None):
    """Names, relative to `source`, of the notebooks asked for and of all that is not a notebook.

    Raises
    ------
    Trouble
        Where `only` names a number that no notebook has.
    """
    files = [path.relative_to(source) for path in sorted(source.rglob("*")) if path.is_file()]
    files = [name for name in files if not any(part.startswith((".", "__")) for part in name.parts)]
    notebooks = {name.name.partition("_")[0]: name for name in files if name.suffix == ".ipynb"}
    if not notebooks:
        raise Trouble(f"no notebooks in {source}: install genlab again (pip install --force-reinstall genlab)")
    asked = [part.strip().zfill(2) for part in only.split(",") if part.strip()] if only else list(notebooks)
    unknown = [number for number in asked if number not in notebooks]
    if unknown or not asked:
        raise Trouble(f"--only {only}: no notebook {', '.join(unknown) or 'named'}; there are {', '.join(notebooks)}")
    wanted = {notebooks[number] for number in asked}
    return [name.as_posix() for name in files if name.suffix != ".ipynb" or name in wanted]


def copy(source, folder, names, *, ask=None):
    """Copy the files `names` from `source` to `folder`, and keep what the reader changed.

    Parameters
    ----------
    source, folder : Path
        From where and to where; `folder` is made where it is missing.
    names : list of str
        Relative to both.
    ask : callable, optional
        ``ask(name) -> bool``: whether a changed file, of which there is a newer version, may be replaced. None keeps it.

    Returns
    -------
    copied, kept : list of str
        What was written, and what stayed because the reader changed it.
    """
    if folder.exists() and not folder.is_dir():
        raise Trouble(f"{folder} is a file: name a folder")
    folder.mkdir(parents=True, exist_ok=True)
    record, copied, kept = _read_record(folder / RECORD), [], []
    for name in names:
        target, new = folder / name, _digest(source / name)
        there = _digest(target) if target.is_file() else None
        if there not in (None, new, record.get(name)) and not (record.get(name) != new and ask and ask(name)):
            kept.append(name)
            continue
        if there != new:
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(target.name + ".part")
            shutil.copyfile(source / name, part)
            os.replace(part, target)
            copied.append(name)
        record[name] = new
    (folder / RECORD).write_text(json.dumps({"genlab": _version(), "files": record}, indent=1), "utf-8")
    return copied, kept


def _read_record(path):
    """Digests by name; empty where there is no record that can be read, so that every file counts as changed."""
    try:
        files = json.loads(path.read_text("utf-8"))["files"]
        return {str(name): str(digest) for name, digest in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _ask(name):
    return (
        input(f"{name} was changed by you, and there is a newer version. Replace yours? [y/N] ").strip().lower() == "y"
    )


def _open(folder, first, options):
    command = [sys.executable, "-m", "jupyterlab", first]
    command += ["--no-browser"] if options.no_browser else []
    command += [f"--port={options.port}"] if options.port is not None else []
    command += ["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    server = subprocess.Popen(command, cwd=folder)
    while True:
        try:
            return server.wait()
        except KeyboardInterrupt:
            continue  # the server got it as well, and asks whether to stop


def _doctor(options):
    from genlab.doctor import examine

    results = list(examine())
    for level, text in results:
        print(f"{level:<8} {text}")
    count = {level: sum(found == level for found, _ in results) for level in ("problem", "warning")}
    print(f"{count['problem']} problem(s), {count['warning']} warning(s)." if any(count.values()) else "All is well.")
    return 1 if count["problem"] else 0


if __name__ == "__main__":
    sys.exit(main())
