"""What a synthetic table is worth: likeness, the same answers, attacks, each between its references."""
