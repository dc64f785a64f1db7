"""Exercises of notebook 04: a VAE by hand."""

EXERCISES = {}
