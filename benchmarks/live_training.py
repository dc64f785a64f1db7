"""How quick live training is: ratios of things measured side by side in one process, each a median of pairs.

Run on a quiet machine: ``python benchmarks/live_training.py`` (about ten minutes). Rates are per second of processor
time of the process that learns, on one thread unless said otherwise; the ratios are what counts.
"""

import ast
import copy
import itertools
import queue
import statistics
import threading
import time

import torch
from torch import nn

import genlab as gl
from genlab import parts

STEPS, PAIRS = 1500, 5
data = gl.datasets.ring(n=4000, seed=1)
PLAIN = dict(r1=0.0, batch_size=128)  # without a penalty, as the textbook loop has none
GANLAB = (203, 227)  # GAN Lab's own loop, 1 discriminator and 1 generator update: iterations per processor second
GANLAB_SHOWN = (19, 31)  # its page while it plays: iterations a second
WINDOW, WINDOWS = 3, 12  # seconds of live training that are measured at once, and how many pairs of them
CELL = """
import time
import genlab as gl
data = gl.datasets.ring(n=4000, seed=1)
lab = gl.Lab(gl.GAN(data, seed=1), data, pace=None, fps={fps})
lab.start()
"""


def rate(work, steps=STEPS):
    """Steps a processor second of `work(steps)`, after a short warm-up of the same thing."""
    work(max(steps // 10, 20))
    start = time.process_time()
    work(steps)
    return steps / (time.process_time() - start)


def ratio(ours, other, pairs=PAIRS, steps=STEPS):
    """Median rates of both, and the median of the ratios pair by pair; each pair is measured in turn."""
    measured = []
    for first in itertools.islice(itertools.cycle((True, False)), pairs):  # ABBA: a drift of the machine cancels
        speeds = {mine: rate(ours if mine else other, steps) for mine in (first, not first)}
        measured.append((speeds[True], speeds[False]))
    return [statistics.median(column) for column in zip(*measured, strict=True)] + [
        statistics.median(a / b for a, b in measured)
    ]


def stepping(gan):
    loop = gan.steps(data)

    def work(steps):
        return [{k: float(v) for k, v in record.items()} for record in itertools.islice(loop, steps)]

    return work


def driven(gan):
    loop = gan.steps(data)
    return lambda steps: gl.run(loop, steps=steps)


def quiet(gan):
    loop = gan.steps(data)
    return lambda steps: [None for _ in itertools.islice(loop, steps)]


def textbook(hidden, averaging):
    """The loop as most tutorials write it: binary cross-entropy with tensors of labels, plain Adam, `.item()` twice."""
    generator = nn.Sequential(
        nn.Linear(2, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, 2)
    )
    discriminator = nn.Sequential(
        nn.Linear(2, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, 1)
    )
    average = copy.deepcopy(generator)
    opt_g = torch.optim.Adam(generator.parameters(), lr=2e-3, betas=(0.5, 0.9))
    opt_d = torch.optim.Adam(discriminator.parameters(), lr=2e-3, betas=(0.5, 0.9))
    criterion = nn.BCEWithLogitsLoss()
    x, losses = data.x, []

    def work(steps):
        for _ in range(steps):
            real = x[torch.randint(len(x), (128,))]
            ones, zeros = torch.ones(128, 1), torch.zeros(128, 1)
            opt_d.zero_grad()
            fake = generator(torch.randn(128, 2))
            loss_d = criterion(discriminator(real), ones) + criterion(discriminator(fake.detach()), zeros)
            loss_d.backward()
            opt_d.step()
            opt_g.zero_grad()
            loss_g = criterion(discriminator(fake), ones)
            loss_g.backward()
            opt_g.step()
            if averaging:
                with torch.no_grad():
                    for a, p in zip(average.parameters(), generator.parameters(), strict=True):
                        a.mul_(0.995).add_(p, alpha=0.005)
            losses.append((loss_d.item(), loss_g.item()))

    return work


def ganlab_network():
    """GAN Lab's network in our loop: one hidden layer of 8 units, plain gradient descent, batches of 150."""

    class Small(nn.Module):
        def __init__(self, n_out, init):
            super().__init__()
            self.hidden, self.out, self.n_out = parts.Dense(2, 8, init), parts.Dense(8, n_out, init), n_out

        def forward(self, x, y=None):
            x = self.out(self.hidden(x).relu())
            return x if self.n_out == 2 else x.squeeze(-1)

    init = parts.Streams(1, parts.INITIALISE)
    generator, discriminator = Small(2, init), Small(1, init)
    hp = gl.GANParams(lr_g=0.1, lr_d=0.1, r1=0.0, batch_size=150)
    opt_g, opt_d = (torch.optim.SGD(n.parameters(), lr=0.1) for n in (generator, discriminator))
    batches = parts.Batches(data.x, None, hp, 1, {"step": 0, "rows": 0})
    average = copy.deepcopy(generator)
    loop = gl.gan_steps(generator, discriminator, opt_g, opt_d, average, batches, hp, parts.Streams(1, parts.LEARN))
    return lambda steps: [None for _ in itertools.islice(loop, steps)]


class Kernel:
    """A Jupyter kernel with a running lab, and a stand-in for its page, which says once a second that it is there."""

    def __init__(self, fps):
        from jupyter_client.manager import start_new_kernel

        self.manager, self.client = start_new_kernel()
        self.watching = self.closed = False
        self.stage = self.ask(CELL.format(fps=fps) + "lab._bench.stage.model_id")
        self.thread = threading.Thread(target=self.page, daemon=True)
        self.thread.start()

    def ask(self, code):
        """Run code; the value of its last line."""
        *lines, last = code.strip().splitlines()
        self.client.execute("\n".join(lines) or "None", silent=True, user_expressions={"value": last}, reply=False)
        while True:
            content = self.client.get_shell_msg(timeout=60)["content"]
            if "user_expressions" in content:
                return ast.literal_eval(content["user_expressions"]["value"]["data"]["text/plain"])

    def page(self):
        """Take the frames as they come, and answer once a second while watching."""
        told, self.frames = 0.0, 0
        while not self.closed:
            try:
                message = self.client.get_iopub_msg(timeout=0.2)
                self.frames += message["msg_type"] == "comm_msg" and bool(message["buffers"])
            except queue.Empty:
                pass
            if self.watching and time.perf_counter() - told >= 1:
                told = time.perf_counter()
                data = {"method": "custom", "content": {"ready": True}}
                message = self.client.session.msg("comm_msg", {"comm_id": self.stage, "data": data})
                self.client.shell_channel.send(message)

    def rates(self, watching):
        """Steps a second of processor time and of the clock, and frames a second, in one window."""
        self.watching = watching
        time.sleep(1 if watching else 4)  # until frames flow, or have stopped
        now = "(time.process_time(), time.perf_counter(), lab.model.step)"
        before, frames = self.ask(now), self.frames
        time.sleep(WINDOW)
        after, shown = self.ask(now), self.frames
        cpu, wall, steps = (b - a for a, b in zip(before, after, strict=True))
        return steps / cpu, steps / wall, (shown - frames) / wall

    def close(self):
        self.closed = True
        self.thread.join()
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)


def viewed(fps):
    """Median rates with and without a view, in turn: (with, without, ratio, steps a second shown, frames a second)."""
    kernel = Kernel(fps)
    try:
        pairs = []
        for first in itertools.islice(itertools.cycle((True, False)), WINDOWS):  # ABBA: a drift of the machine cancels
            rates = {watching: kernel.rates(watching) for watching in (first, not first)}
            pairs.append((rates[True], rates[False]))
    finally:
        kernel.close()
    shown, hidden = zip(*pairs, strict=True)
    middle = lambda values: statistics.median(values)
    ratio = middle([a[0] / b[0] for a, b in pairs])
    rates = [middle([a[0] for a in shown]), middle([b[0] for b in hidden]), ratio]
    return *rates, middle([a[1] for a in shown]), middle([a[2] for a in shown])


def in_lab(gan):
    """The lab without a page, and without scores: what is left is the book, the kept states and the film."""
    lab = gl.Lab(gan, data, metrics=None)
    return lambda steps: lab.run(steps)


def ensembles(hidden, threads, members=64, steps=150):
    """Model-steps a second of wall time: 64 members at once against one model driven by `gl.run`, in turn."""
    measured = []
    for _ in range(PAIRS):
        speeds = []
        for seed, count in ((list(range(members)), steps), (1, steps * 8)):
            gan = gl.GAN(data, hidden=hidden, seed=seed, **PLAIN)
            loop = gan.steps(data)
            gl.run(loop, steps=20, threads=threads)
            start = time.perf_counter()
            gl.run(loop, steps=count, threads=threads if count == steps else 1)
            speeds.append(count * (gan.members or 1) / (time.perf_counter() - start))
        measured.append(speeds)
    many, one = (statistics.median(column) for column in zip(*measured, strict=True))
    return many, one, statistics.median(a / b for a, b in measured)


def line(what, first, second, quotient, wanted=""):
    print(f"{what:<66}{first:>9.0f}{second:>9.0f}{quotient:>8.2f}  {wanted}", flush=True)


def main():
    torch.set_num_threads(1)
    print(f"torch {torch.__version__}, {STEPS} steps, median of {PAIRS} pairs\n")
    print(f"{'A against B':<66}{'A /s':>9}{'B /s':>9}{'A/B':>8}  wanted")
    for hidden in (32, 64):
        gan = gl.GAN(data, hidden=hidden, seed=1, **PLAIN)
        other = gl.GAN(data, hidden=hidden, seed=1, **PLAIN)
        line(
            f"gl.run against a for loop that records floats, hidden {hidden}",
            *ratio(driven(gan), stepping(other)),
            ">= 0.95",
        )
    for averaging, wanted in ((0.995, ">= 1.15"), (0.0, ">= 1.25")):
        gan = gl.GAN(data, hidden=32, seed=1, average=averaging, **PLAIN)
        what = f"our loop against a textbook loop, {'with' if averaging else 'without'} averaging, hidden 32"
        line(what, *ratio(quiet(gan), textbook(32, averaging > 0)), wanted)
    small = rate(ganlab_network(), 5000)
    for theirs in GANLAB:
        line("GAN Lab's network in our loop, beside its recorded rate", small, theirs, small / theirs)
    for hidden in (32, 64):
        pair = (gl.GAN(data, hidden=hidden, seed=1, **PLAIN) for _ in range(2))
        what = f"lab.run (log, kept states, film) against gl.run, hidden {hidden}"
        line(what, *ratio(in_lab(next(pair)), driven(next(pair)), pairs=3 * PAIRS), ">= 0.97")
    for fps, wanted in ((12, ">= 0.90"), (25, ">= 0.80")):
        *rates, shown, frames = viewed(fps)
        line(f"ring lab in a kernel with its view, {frames:.1f} frames/s of {fps}, against without", *rates, wanted)
        for theirs in GANLAB_SHOWN:
            line("  steps a second as shown, beside GAN Lab's page", shown, theirs, shown / theirs)
    print("\n64 members at once against gl.run of one (model-steps a wall second)")
    for hidden, wanted in ((32, ">= 5.5"), (64, ">= 2.8")):
        line(f"hidden {hidden}, batch 128, one thread", *ensembles(hidden, 1), wanted)
        line(f"hidden {hidden}, batch 128, two threads for the 64", *ensembles(hidden, 2))


if __name__ == "__main__":
    main()
