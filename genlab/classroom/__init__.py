"""A room of learners as an experiment: each shares one line of text about a run, and all lines together give a rate.

No server: a line goes through whatever chat the room has. It holds no name, path or time, only what stands in
:func:`share_line`. Lines come from others, so :func:`collect` reads them as data: JSON of a known form, nothing else.
"""

from genlab.classroom.room import Room, collect
from genlab.classroom.sharing import share_line

__all__ = ["Room", "collect", "share_line"]
