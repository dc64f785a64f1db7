"""Make again the studies that ship with genlab: ``python scripts/studies.py [name ...]``, all without names.

They are those of the failures, and of the experiments with added rows ("digits", "survey", "rare"). Each is written with
its recipe, machine and date to genlab/failures/studies/ or genlab/augment/studies/, as soon as it is done.
"""

import sys

import genlab as gl
from genlab.failures import stored

SEEDS = 20  # of an experiment with added rows


def main(names):
    names = names or [*gl.failures, *gl.augment.EXPERIMENTS]
    for name in (name for name in names if name in gl.augment.EXPERIMENTS):
        experiment = gl.augment.EXPERIMENTS[name]()
        study = experiment.study(SEEDS)
        print(f"{study.save(experiment)}: {study.seconds:.0f} s of the processor\n")
    for name in (name for name in names if name not in gl.augment.EXPERIMENTS):
        study = gl.failures[name].study()
        print(study.rates.to_string(float_format="{:.2f}".format))
        print(study.sentence())
        print(f"{stored.save(study)}: {sum(study.seconds.values()):.0f} s of all arms together\n")


if __name__ == "__main__":  # the processes of a study import this file again
    main(sys.argv[1:])
