"""An audit of the private synthesizer: what an attacker with every advantage shows of epsilon, and a control that must fail.

``python benchmarks/privacy_audit.py`` (about three processor minutes, one thread). For epsilon 1 and 3 the model is fitted to
two tables that differ in one row; the bound must lie under the claim. Then the same with a tenth of the noise: the bound
must lie above it. So many fits can show no epsilon beyond about 6, so that at 10 only the first can be looked at.
"""

import time

from threadpoolctl import threadpool_limits

from genlab.tables.evaluation.audit import audit

FITS = 3000


def main():
    wrong = 0
    for epsilon, noise in ((1, 1), (3, 1), (10, 1), (1, 0.1), (3, 0.1)):
        begin = time.process_time()
        found = audit(float(epsilon), 1e-5, fits=FITS, noise=noise, random_state=0)
        fine = found.convicts == (noise < 1)
        wrong += not fine
        print(f"noise x {noise:g}: {found.sentence()} As it ought to be: {'yes' if fine else 'NO'} "
              f"({time.process_time() - begin:.0f} processor s)", flush=True)  # fmt: skip
    raise SystemExit(wrong)


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
