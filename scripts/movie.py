"""The README's moving picture, as any reader could make it: ``python scripts/movie.py`` writes assets/lab.gif."""

import pathlib

import genlab as gl

data = gl.datasets.ring(modes=8, n=4000, seed=1)
lab = gl.Lab(gl.GAN(data, seed=1), data)
for bite in range(50):
    lab.run(steps=5 if bite < 20 else 30)  # much happens at first
print(lab.movie(pathlib.Path(__file__).parents[1] / "assets" / "lab.gif", fps=8))
