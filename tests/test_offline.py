"""The rule that nothing outside is reached holds here, in child processes and in swallowed errors."""

import shutil
import socket
import subprocess
import sys
import textwrap
import urllib.request
from pathlib import Path

import pytest

OUTSIDE = "192.0.2.1"  # TEST-NET-1: an address that is given to nobody

IN_A_CHILD = f"""
import socket
for ask in (lambda: socket.create_connection(("{OUTSIDE}", 80), timeout=1), lambda: socket.getaddrinfo("example.org", 80)):
    try:
        ask()
    except OSError as error:
        print(type(error).__name__, error)
"""


@pytest.mark.parametrize(
    "ask",
    [
        lambda: socket.create_connection((OUTSIDE, 80), timeout=1),
        lambda: socket.getaddrinfo("example.org", 80),
        lambda: socket.gethostbyname("example.org"),
        lambda: urllib.request.urlopen("http://example.org", timeout=1),
    ],
    ids=["connect", "getaddrinfo", "gethostbyname", "urlopen"],
)
def test_the_outside_is_refused_with_the_reason(ask, refused):
    with pytest.raises(OSError, match="genlab's tests run offline"):
        ask()
    assert len(refused()) == 1


def test_datagrams_to_the_outside_are_refused(refused):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender, pytest.raises(OSError, match="run offline"):
        sender.sendto(b"hello", (OUTSIDE, 53))
    assert [line.startswith(f"socket.sendto {OUTSIDE!r}") for line in refused()] == [True]


def test_child_processes_are_refused_too(refused):
    child = subprocess.run([sys.executable, "-c", IN_A_CHILD], capture_output=True, text=True, check=True)
    assert child.stdout.count("OutsideRefused") == 2, child.stdout + child.stderr
    assert len(refused()) == 2


def test_loopback_stays_open():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        with socket.create_connection(("localhost", server.getsockname()[1]), timeout=5) as client:
            client.sendall(b"x")
            with server.accept()[0] as accepted:
                assert accepted.recv(1) == b"x"


def test_a_swallowed_refusal_fails_its_test(pytester_run):
    result = pytester_run(
        """
        import socket

        def test_phones_home():
            try:
                socket.getaddrinfo("example.org", 80)
            except OSError:
                pass
        """
    )
    assert "asked for the outside: socket.getaddrinfo 'example.org'" in result.stdout
    assert result.returncode == 1


@pytest.fixture
def pytester_run(tmp_path, refused):
    """Run a test file in a pytest of its own, under a copy of this folder's conftest."""
    here = Path(__file__).parent
    shutil.copy(here / "conftest.py", tmp_path)
    shutil.copytree(here / "offline", tmp_path / "offline")

    def run(source):
        (tmp_path / "test_inner.py").write_text(textwrap.dedent(source), "utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", tmp_path, tmp_path]
        return subprocess.run(command, capture_output=True, text=True)

    return run
