"""A report as one self-contained page, and as a figure."""
