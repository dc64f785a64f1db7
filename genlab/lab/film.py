"""What a lab has shown: frames kept at a bounded cost, for a moving picture or a page that plays without a kernel."""

import io
import time

from matplotlib.figure import Figure

from genlab import files, plots
from genlab.lab import frames


class Film:
    """Packed frames with their sentences, evenly spaced, and thinned by half whenever they are too many or too large."""

    FRAMES, BYTES = 128, 1_000_000
    SHARE = 0.03  # of the time that frames may take which are made for the film alone

    def __init__(self):
        self.shots, self.every, self.count, self.weight, self.next = [], 1, 0, 0, 0.0

    @property
    def due(self):
        """Whether a frame should be made for the film alone, as nobody is looking."""
        return time.perf_counter() >= self.next

    def add(self, step, frame, took):
        """Keep a packed frame, which took so many seconds to make."""
        self.next = time.perf_counter() + took / self.SHARE
        if self.shots and self.shots[-1]["step"] == step:
            self.weight -= len(self.shots.pop()["frame"])
        elif self.count % self.every:
            self.count += 1
            return
        self.count += 1
        words = self.shots[-1]["words"] if self.shots else ""
        self.shots.append(dict(step=step, frame=frame, words=words))
        self.weight += len(frame)
        while len(self.shots) > 2 and (len(self.shots) > self.FRAMES or self.weight > self.BYTES):
            self.shots = self.shots[::2]
            self.every, self.weight = 2 * self.every, sum(len(shot["frame"]) for shot in self.shots)

    def tell(self, words):
        """Give the newest frame its sentence."""
        if self.shots:
            self.shots[-1]["words"] = words

    def forget(self, step):
        """Drop what was shown after `step`."""
        self.shots = [shot for shot in self.shots if shot["step"] <= step]
        self.weight = sum(len(shot["frame"]) for shot in self.shots)

    def movie(self, path, picture, *, fps=12, dpi=80):
        """Write the frames of the picture, each under its sentence, as an animated GIF; returns the path."""
        from PIL import Image  # comes with matplotlib

        pages = []
        for shot in self.shots:
            figure = Figure(figsize=(4.2, 4.5), layout="constrained")
            ax = figure.subplots()
            picture.draw_on(ax, frames.unpack(shot["frame"]))
            ax.set_title(shot["words"] or plots.describe(ax)[:60], fontsize=8, wrap=True)
            file = io.BytesIO()
            figure.savefig(file, format="png", dpi=dpi)
            pages.append(Image.open(file).convert("RGB").quantize(64, dither=Image.Dither.NONE))
        times = [round(1000 / fps)] * (len(pages) - 1) + [1500]  # ms; the end stands a while
        with files.whole(path, example="gan.gif") as part:
            pages[0].save(part, "GIF", save_all=True, append_images=pages[1:], duration=times, loop=0, optimize=True)
        return path
