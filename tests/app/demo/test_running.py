# SPDX-License-Identifier: EUPL-1.2
"""`coinstruction demo` as a newcomer runs it: pages, real mail, a clean stop, the same state next time."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.conftest import ROOT

STARTED = 60.0  # building included, on a busy machine


def launched(folder: Path, *options: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COINSTRUCTION_")}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "cli.main", "demo", *options]
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@contextmanager
def running(folder: Path, *options: str) -> Iterator[tuple[str, str]]:
    """The demonstration while it runs: its address and what it printed; stopped by SIGTERM, which must be clean."""
    process = launched(folder, "--port", "0", *options)
    assert process.stdout is not None
    try:
        printed = ""
        while "Ctrl-C" not in printed:
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            printed += line
        found = re.search(r"http://127\.0\.0\.1:\d+", printed)
        assert found
        _wait(lambda: status(found[0]) == 200)
        yield found[0], printed
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=30)
        assert process.returncode == 0 and "Traceback" not in errors, errors
    finally:
        process.kill()
        process.communicate()


def _wait(done: object, seconds: float = STARTED) -> None:
    end = time.monotonic() + seconds
    while not done():  # type: ignore[operator]
        assert time.monotonic() < end, "not in time"
        time.sleep(0.2)


def status(address: str) -> int:
    """The status; 0 while it does not answer (a refusal, or a silence of a busy machine)."""
    with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
        return int(answer.status)
    return 0


def page(address: str) -> str:
    with urllib.request.urlopen(address, timeout=STARTED) as answer:
        return str(answer.read().decode())


def test_serves_sends_keeps_and_starts_over(tmp_path: Path) -> None:
    with running(tmp_path) as (address, printed):
        assert "demo-2030" in printed and "secretariat@epci.demo" in printed and "/boite" in printed
        assert '<html lang="fr"' in page(address)
        _wait(lambda: "Convocation" in page(f"{address}/boite"))
    database = tmp_path / "var" / "demo" / "coinstruction.db"
    assert [path.name for path in database.parent.glob("*.db*")] == [
        "coinstruction.db"
    ]  # nothing left half written
    received = len(list((tmp_path / "var" / "demo" / "mailbox").glob("*.eml")))
    born = database.stat().st_ino
    with running(tmp_path) as (address, _):
        refuses_a_second_one(tmp_path)
        assert status(address) == 200
    assert database.stat().st_ino == born
    assert len(list((tmp_path / "var" / "demo" / "mailbox").glob("*.eml"))) >= received
    _label(database, "modifié")
    with running(tmp_path, "--fresh"):
        assert _label(database) != "modifié"


def refuses_a_second_one(folder: Path) -> None:
    """Two demonstrations cannot share a folder, even to start over."""
    second = launched(folder, "--port", "0", "--fresh")
    _, errors = second.communicate(timeout=60)
    assert second.returncode == 2
    assert "tourne déjà" in errors and "Traceback" not in errors


def _label(database: Path, new: str | None = None) -> str:
    with sqlite3.connect(database) as db:
        if new is not None:
            db.execute("UPDATE contract SET label = ?", (new,))
        return str(db.execute("SELECT label FROM contract").fetchone()[0])


def test_a_port_in_use_is_said_in_french(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen(1)
        process = launched(tmp_path, "--port", str(taken.getsockname()[1]))
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "est déjà pris" in errors and "--port" in errors and "Traceback" not in errors
    assert not (tmp_path / "var").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere: nothing refuses")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    process = launched(tmp_path, "--port", "0")
    _, errors = process.communicate(timeout=60)
    tmp_path.chmod(0o700)
    assert process.returncode == 2 and "Traceback" not in errors
