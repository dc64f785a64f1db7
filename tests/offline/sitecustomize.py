"""Refuse every socket to the outside in this process: the tests prove that genlab works offline.

Python imports a module of this name by itself at start, so with this folder on PYTHONPATH (tests/conftest.py puts it
there) the rule reaches notebook kernels and every other child process as well. It is an audit hook: it sees what C code
asks of Python's socket module too, and nothing can take it away again. Loopback addresses and Unix sockets stay allowed.
Refusals are also written to the file named by GENLAB_REFUSED, so that a swallowed error still fails the test.
"""

import ipaddress
import os
import socket
import sys

LOCAL_NAMES = {"", "localhost", "localhost.localdomain", socket.gethostname().lower()}
RULE = "genlab's tests run offline: nothing may be reached but this machine (see tests/offline/sitecustomize.py)"


class OutsideRefused(PermissionError):
    """Something asked for a machine other than this one."""


def is_local(host):
    """Whether `host` is this machine; None and "" mean any of its own addresses."""
    if host is None:
        return True
    name = (host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)).lower().partition("%")[0]
    if name in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _host(event, args):
    """The host that an audit event of the socket module asks for, or None."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = args[1]
        return address[0] if isinstance(address, tuple) and address else None  # Unix sockets have a path, not a tuple
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"):
        return args[0]
    if event == "socket.getnameinfo":
        return args[0][0]
    return None


def refuse_outside(event, args):
    """The audit hook."""
    if event.startswith("socket.") and not is_local(host := _host(event, args)):
        if log := os.environ.get("GENLAB_REFUSED"):
            with open(log, "a", encoding="utf-8") as file:
                file.write(f"{event} {host!r} in {os.path.basename(sys.argv[0]) or 'python'}\n")
        raise OutsideRefused(f"{event} to {host!r} refused: {RULE}")


if not getattr(sys, "_genlab_offline", False):  # an audit hook cannot be removed: once is enough
    sys._genlab_offline = True
    sys.addaudithook(refuse_outside)
