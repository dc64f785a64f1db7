"""Tasks done one after the other or by any executor, each result kept as it comes, whatever happens to the others.

Nothing here knows what the tasks are. Of an executor it asks `submit` alone, so that any of ``concurrent.futures``, of
joblib's loky or of dask will do.
"""

import concurrent.futures
import sys
import time

LOST = "a worker ended without a word (killed, or out of memory)"


def through(function, tasks, keep, *, executor=None, progress=True, failed=None, before=0):
    """Call ``function(*task)`` for each task, and ``keep(place, result)`` once with what each gives, as it comes.

    Parameters
    ----------
    function : callable
    tasks : list of tuple
    keep : callable
    executor : concurrent.futures.Executor, optional
        One after the other in this process without it.
    progress : bool
        Print a line on how far it is.
    failed : callable, optional
        ``failed(place, error)`` is told of a task whose result an executor cannot give; without it the error is raised.
    before : int
        Tasks that were done earlier, for the line.

    Returns
    -------
    str or None
        Why some are missing, after Ctrl-C or the end of a worker that takes its executor with it.
    """
    start, done, why = time.perf_counter(), set(), None
    bar = _bar if progress else lambda *how: None

    def kept(place, result):
        keep(place, result)
        done.add(place)
        bar(len(done), len(tasks), before, time.perf_counter() - start)

    futures = {}
    try:
        if executor is None:
            for place, task in enumerate(tasks):
                kept(place, function(*task))
        else:
            for place, task in enumerate(tasks):
                futures[executor.submit(function, *task)] = place
            _collect(futures, kept, failed, done)
    except KeyboardInterrupt:
        why = "interrupted"
    except (concurrent.futures.BrokenExecutor, concurrent.futures.CancelledError):
        why = LOST
    finally:
        for future in futures:
            future.cancel()  # those that have not begun; the others end by themselves
    for future, place in futures.items() if why else ():
        if place not in done and future.done() and not future.cancelled() and future.exception() is None:
            kept(place, future.result())  # came while it was being stopped
    missing = len(tasks) - len(done)
    return f"{why}: {missing} of {before + len(tasks)} are missing" if why and missing else None


def _collect(futures, kept, failed, done):
    for future in concurrent.futures.as_completed(futures):
        try:
            result = future.result()
        except (concurrent.futures.BrokenExecutor, concurrent.futures.CancelledError):
            raise
        except Exception as error:
            if failed is None:
                raise
            failed(futures[future], error)
            done.add(futures[future])
        else:
            kept(futures[future], result)


def cores(jobs):
    """An executor of so many processes on this machine, joblib's loky; None, for one after the other, where it is one."""
    if jobs <= 1:
        return None
    from joblib.externals.loky import get_reusable_executor

    return get_reusable_executor(max_workers=jobs, timeout=300, env=dict(OMP_NUM_THREADS="1"))


def _bar(done, of, before, seconds):
    left = f"about {seconds / done * (of - done):.0f} s to go" if done < of else "done"
    full = 20 * (before + done) // (before + of)
    line = f"\r{'█' * full:░<20} {before + done} of {before + of}, {seconds:.0f} s, {left}"
    sys.stdout.write(f"{line:<72}" + "\n" * (done == of))  # as long as any line before, which it covers
    sys.stdout.flush()
