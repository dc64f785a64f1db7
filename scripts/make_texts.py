"""Make datasets/names.csv and datasets/prose.txt, and print their sizes and SHA-256.

Run once, when the files are to be made anew: ``python scripts/make_texts.py``. It needs ``names==0.3.0`` beside genlab,
and the program ``bible`` with its text (Debian's ``bible-kjv`` and ``bible-kjv-text``) on the path, or where
``--bible`` says; of both only the data are taken. Another number of names, psalms or verses ends in an error.
"""

import argparse
import hashlib
import importlib.util
import pathlib
import re
import subprocess

from genlab.files import whole

FOLDER = pathlib.Path(__file__).parent.parent / "datasets"
NAMES, PSALMS, VERSES = 5163, 150, 2461


def names():
    """Each first name of the 1990 census with its share among women and among men, in percent."""
    source = pathlib.Path(importlib.util.find_spec("names").origin).parent
    shares = {}
    for column, sex in enumerate(("female", "male")):
        for line in (source / f"dist.{sex}.first").read_text("ascii").splitlines():
            name, share, *_ = line.split()
            shares.setdefault(name.lower(), ["0", "0"])[column] = share
    if len(shares) != NAMES or not all(re.fullmatch("[a-z]{2,11}", name) for name in shares):
        raise SystemExit(f"{len(shares)} names, not {NAMES:,} of 2 to 11 letters: is this names 0.3.0?")
    return "name,female,male\n" + "".join(f"{name},{','.join(both)}\n" for name, both in sorted(shares.items()))


def psalms(program):
    """The Psalms: a verse a line, without its number, and an empty line between two psalms."""
    done = subprocess.run([*program, "-f", "ps1:1-ps150:6"], capture_output=True, text=True, check=True)
    found = re.findall(r"^Psa(\d+):(\d+) (.*)$", done.stdout, re.MULTILINE)
    if len(found) != VERSES or len({psalm for psalm, _, _ in found}) != PSALMS:
        raise SystemExit(f"{len(found)} verses, not {VERSES:,} in {PSALMS} psalms: is this bible-kjv-text 4.38?")
    lines = [("\n" if verse == "1" and psalm != "1" else "") + text.strip() for psalm, verse, text in found]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description="Make the texts of datasets/ anew.")
    parser.add_argument("--bible", nargs=argparse.REMAINDER, default=["bible"], help="program, options")
    program = parser.parse_args().bible
    for file, text in {"names.csv": names(), "prose.txt": psalms(program)}.items():
        with whole(FOLDER / file) as part:
            part.write_bytes(text.encode("ascii"))
        print(file, len(text), hashlib.sha256(text.encode()).hexdigest())


if __name__ == "__main__":
    main()
