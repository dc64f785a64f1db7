"""Exercises of notebook 01: generative and discriminative models."""

EXERCISES = {}
