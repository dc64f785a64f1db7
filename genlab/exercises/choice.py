"""Exercises of notebook 06: which model when."""

EXERCISES = {}
