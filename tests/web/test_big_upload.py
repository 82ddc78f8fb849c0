# SPDX-License-Identifier: EUPL-1.2
"""On a real server: a body of 200 MB is answered before it is read, whether it says its size or not."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.factories.world import World
from tests.web.conftest import Site
from tests.workflow.journey import at
from web.server import listen, server_of
from web.sessions import form_token

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
MEGABYTE = b"x" * 1_000_000
HUGE = 200


@pytest.fixture
def port(world: World, engine: Engine, tmp_path: Path) -> Iterator[tuple[Site, int]]:
    site = Site(world, engine, tmp_path / "mails")
    listening = listen("127.0.0.1", 0)
    server = server_of(site.web)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield site, listening.getsockname()[1]
    server.should_exit = True
    thread.join()
    listening.close()


@contextmanager
def connected(site: Site, port: int, *headers: str) -> Iterator[socket.socket]:
    """A request to send a piece, its body still to come."""
    dossier = at(site.world, "submitted").dossier
    session = site.client(site.world.bearer).cookies["session"]
    head = (
        f"POST /dossiers/{dossier.id}/pieces HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        f"Cookie: session={session}",
        "Content-Type: multipart/form-data; boundary=trait",
        *headers,
    )
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sent:
        sent.sendall("\r\n".join(head).encode() + b"\r\n\r\n")
        sent.sendall(b"" if any("Length" in one for one in headers) else _chunk(_beginning(session)))
        yield sent


def _beginning(session: str) -> bytes:
    return (
        f'--trait\r\nContent-Disposition: form-data; name="jeton"\r\n\r\n{form_token(session)}\r\n'
        '--trait\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-'
    ).encode()


def _chunk(content: bytes) -> bytes:
    return f"{len(content):x}\r\n".encode() + content + b"\r\n"


def _answer(sent: socket.socket) -> str:
    """Everything until the page is whole."""
    received = b""
    while b"</html>" not in received:
        more = sent.recv(65536)
        if not more:
            break
        received += more
    return received.decode("utf-8", "replace")


def test_a_body_that_says_its_size_is_refused_before_it_comes(port: tuple[Site, int]) -> None:
    with connected(*port, f"Content-Length: {HUGE * len(MEGABYTE)}") as sent:
        page = _answer(sent)  # nothing of the body was sent
        assert page.startswith("HTTP/1.1 413")
        assert "<!doctype html>" in page and "au plus 10 Mo par envoi" in page
        for _ in range(HUGE):  # a browser that goes on sending is let finish, so that it shows the page
            sent.sendall(MEGABYTE)


def test_a_body_of_unknown_size_is_cut_at_the_limit(port: tuple[Site, int]) -> None:
    with connected(*port, "Transfer-Encoding: chunked") as sent:
        sending = threading.Thread(target=_send_all, args=(sent,))
        sending.start()
        page = _answer(sent)
        sent.shutdown(socket.SHUT_RDWR)  # the page is there: no use to go on
        sending.join()
    assert page.startswith("HTTP/1.1 413") and "Envoi trop volumineux" in page


def _send_all(sent: socket.socket) -> None:
    with suppress(OSError):
        for _ in range(HUGE):
            sent.sendall(_chunk(MEGABYTE))
