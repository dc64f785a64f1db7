"""The tree model of tables: encoding, trees, their joint distribution, questions, files."""
