"""What a lab has shown: frames kept at a bounded cost, for a moving picture or a page that plays without a kernel."""

import io
import time

from matplotlib.figure import Figure

from genlab import files, plots
from genlab.lab import frames


class Film:
    """Packed frames with their sentences, evenly spaced, and thinned by half whenever they are too many or too large."""

    FRAMES, BYTES = 128, 1_000_000
    SHARE = 0.01  # of the time that frames and their sentences may take which are made for the film alone

    def __init__(self):
        self.shots, self.every, self.count, self.weight, self.next = [], 1, 0, 0, 0.0

    @property
    def due(self):
        """Whether a frame should be made for the film alone, as nobody is looking."""
        return time.perf_counter() >= self.next

    def rest(self, took):
        """Make no frame for the film alone for a while, as the last one took so many seconds."""
        self.next = time.perf_counter() + took / self.SHARE

    def add(self, step, frame):
        """Keep a packed frame."""
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

    def movie(self, path, picture, *, fps=12, dpi=76):
        """Write the frames of the picture, each under its sentence, as an animated GIF; returns the path."""
        from PIL import Image  # comes with matplotlib

        pages, last = [], self.shots[-1]["step"]
        for shot in self.shots:
            figure = _page(picture, frames.unpack(shot["frame"]), shot["words"], last)
            file = io.BytesIO()
            figure.savefig(file, format="png", dpi=dpi)
            pages.append(Image.open(file).convert("RGB"))
        colours = pages[-1].quantize(256)  # one palette, so that nothing flickers
        pages = [page.quantize(palette=colours, dither=Image.Dither.NONE) for page in pages]
        times = [round(1000 / fps)] * (len(pages) - 1) + [1500]  # ms; the end stands a while
        with files.whole(path, example="gan.gif") as part:
            pages[0].save(part, "GIF", save_all=True, append_images=pages[1:], duration=times, loop=0, optimize=True)
        return path


def _page(picture, look, words, last):
    """A frame as a figure: the picture under its sentence, and beside it the first score up to there."""
    numbers, arrays = look
    scored = numbers["scores"] and len(arrays[numbers["scores"][0]["name"]])
    figure = Figure(figsize=(7.6, 4.2) if scored else (4.4, 4.6), layout="constrained")
    ax, *others = figure.subplots(1, 2 if scored else 1, squeeze=False).ravel()
    picture.draw_on(ax, look)
    figure.suptitle(words, fontsize=9)
    for beside in others:
        name, floor = numbers["scores"][0]["name"], numbers["scores"][0]["floor"]
        beside.plot(*arrays[name].T, color="black")
        if floor is not None:
            beside.axhline(floor, color=plots.BLUE, linestyle=":", label="real data among themselves")
            beside.legend(fontsize=8)
        beside.set(xlabel="step", title=name, xlim=(0, last + 1))
        beside.set_ylim(bottom=0)
    return figure
