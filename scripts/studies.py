"""Make again the studies of failures that ship with genlab: ``python scripts/studies.py [name ...]``, all without names.

Each is written with its recipe, machine and date to genlab/failures/studies/, as soon as it is done.
"""

import sys

import genlab as gl
from genlab.failures import stored


def main(names):
    for name in names or gl.failures:
        study = gl.failures[name].study()
        print(study.rates.to_string(float_format="{:.2f}".format))
        print(study.sentence())
        print(f"{stored.save(study)}: {sum(study.seconds.values()):.0f} s of all arms together\n")


if __name__ == "__main__":  # the processes of a study import this file again
    main(sys.argv[1:])
