"""The live lab: a model learns before the reader's eyes in Jupyter, and can be held, turned and questioned meanwhile.

``lab.py`` is what users call; ``live.py`` keeps the clock; ``views/`` says what a model and its data look like;
``knobs.py`` makes sliders from declarations; ``book.py`` keeps the numbers; ``frames.py`` lays out what is sent, and
``browser/`` draws it in the reader's browser.
"""

from genlab.lab.draw import draw
from genlab.lab.guess import guess
from genlab.lab.lab import Lab

__all__ = ["Lab", "draw", "guess"]
