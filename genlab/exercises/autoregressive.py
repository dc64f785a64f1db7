"""Exercises of notebook 05: an autoregressive model by hand."""

EXERCISES = {}
