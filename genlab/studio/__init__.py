"""Forms over the tables: find yourself in a synthetic file, and go from a file to a report without writing code.

``hiding.py`` and ``studio.py`` are the two pages; ``plan.py`` and ``comparing.py`` hold what a studio does, without a widget;
``steps.py`` asks, ``fields.py`` makes fields from types, ``notice.py`` tells and hands over, ``worker.py`` keeps the kernel free.
All names and cells of a table reach the page as text, never as markup.
"""
