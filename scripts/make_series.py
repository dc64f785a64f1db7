"""Make datasets/sunspots.csv, and print its size and SHA-256.

Run once, when the file is to be made anew: ``python scripts/make_series.py``. It needs ``statsmodels==0.15.0`` beside genlab.
Another number of years ends in an error.
"""

import hashlib
import pathlib

from statsmodels.datasets import sunspots

from genlab.files import whole

FILE = pathlib.Path(__file__).parent.parent / "datasets" / "sunspots.csv"
YEARS = 309


def main():
    table = sunspots.load_pandas().data
    if len(table) != YEARS:
        raise SystemExit(f"{len(table)} years, not {YEARS}: is this statsmodels 0.15.0?")
    text = "year,sunspots\n" + "".join(f"{year:.0f},{number:.1f}\n" for year, number in table.to_numpy())
    with whole(FILE) as part:
        part.write_bytes(text.encode("ascii"))
    print(FILE.name, len(text), hashlib.sha256(text.encode()).hexdigest())


if __name__ == "__main__":
    main()
