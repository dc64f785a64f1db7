"""Run by tests/test_sweep.py: a sweep on a real cluster of two worker processes, one of which is killed in the middle.

It stands in a process of its own, so that its functions are of ``__main__``, as those of a notebook are.
"""

import json
import os
import signal

from distributed import Client, LocalCluster

import genlab as gl


def make(data, *, seed, lr_d):
    return gl.GAN(data, seed=seed, lr_d=lr_d, hidden=8)


def score(model):
    """The distance, and who measured it; the worker that scores the fourth run kills itself, once."""
    data = gl.datasets.ring(n=300, seed=1)
    if (model.hp.lr_d, model.seed) == (1e-3, 3) and not os.path.exists(f"{FOLDER}/killed"):
        with open(f"{FOLDER}/killed", "w") as file:
            file.write(str(os.getpid()))
        os.kill(os.getpid(), signal.SIGKILL)
    return dict(distance=float(gl.metrics.distance(model.sample(1000, seed=0), data)), pid=os.getpid())


FOLDER = os.getcwd()

if __name__ == "__main__":
    how = dict(n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None)
    with LocalCluster(**how) as cluster, Client(cluster) as client:
        before = [worker.pid for worker in cluster.workers.values()]
        found = gl.sweep(
            make,
            gl.datasets.ring(n=300, seed=1),
            {"lr_d": [1e-3, 1e-2]},
            seeds=6,
            steps=40,
            score=score,
            executor=client.get_executor(),
            to="rows.jsonl",
            progress=False,
        )
        after = [worker.pid for worker in cluster.workers.values()]
    with open("killed") as file:
        killed = int(file.read())
    with open("told.json", "w") as file:
        json.dump(dict(before=before, after=after, killed=killed, stopped=found.stopped), file)
