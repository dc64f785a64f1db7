"""Run every notebook and write notebooks/CLAIMS.md from the verdicts that they print: ``make claims``.

With ``--check`` nothing is written: it fails when a verdict differs from the page (numbers may differ by machine).
"""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile

from genlab import claims

NOTEBOOKS = pathlib.Path(__file__).parent.parent / "notebooks"


def collect():
    """All verdicts, each with the notebook it came from."""
    entries = []
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
            print(path.stem, flush=True)
            found = pathlib.Path(folder, path.stem)
            copy = shutil.copy(path, folder)  # a notebook may write beside itself
            command = [sys.executable, "-m", "jupyter", "execute", f"--output={folder}/run.ipynb", copy]
            subprocess.run(command, check=True, env=os.environ | {"GENLAB_CLAIMS": str(found)})
            lines = found.read_text(encoding="utf-8").splitlines() if found.exists() else []
            entries += [json.loads(line) | {"notebook": path.stem[:2]} for line in lines]
    return entries


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    page = NOTEBOOKS / "CLAIMS.md"
    check = parser.parse_args().check
    where = f"Run on {platform.system()} {platform.machine()}, {os.cpu_count()} cores, {datetime.date.today()}."
    text = claims.page(collect(), where)
    if not check:
        page.write_text(text, encoding="utf-8")
        print(f"wrote {page}")
    elif claims.decided(text) != claims.decided(page.read_text(encoding="utf-8")):
        sys.exit("the verdicts are no longer those of notebooks/CLAIMS.md: run `make claims` and look at what changed")


if __name__ == "__main__":
    main()
