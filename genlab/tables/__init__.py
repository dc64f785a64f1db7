"""Synthetic tables: from a survey file to a synthetic file with an honest report; needs no torch."""
