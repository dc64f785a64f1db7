"""Tasks done side by side in processes, each result kept as it comes, whatever happens to the others."""

import sys
import time


def through(function, tasks, keep, *, jobs, progress):
    """Call ``function(*task)`` for each task, and ``keep(place, result)`` with what each gives, as it comes.

    Returns
    -------
    str or None
        Why some are missing, after Ctrl-C.
    """
    from joblib import Parallel, delayed

    start, done = time.perf_counter(), 0
    pool = Parallel(n_jobs=max(1, min(jobs, len(tasks))), return_as="generator_unordered")
    try:
        for place, result in pool(delayed(_placed)(function, place, task) for place, task in enumerate(tasks)):
            keep(place, result)
            done += 1
            if progress:
                _bar(done, len(tasks), time.perf_counter() - start)
    except KeyboardInterrupt:
        return f"interrupted: {len(tasks) - done} of {len(tasks)} are missing"
    return None


def _placed(function, place, task):
    return place, function(*task)


def _bar(done, of, seconds):
    left = f"about {seconds / done * (of - done):.0f} s to go" if done < of else "done"
    line = f"\r{'█' * (20 * done // of):░<20} {done} of {of}, {seconds:.0f} s, {left}"
    sys.stdout.write(f"{line:<72}" + "\n" * (done == of))  # as long as any line before, which it covers
    sys.stdout.flush()
