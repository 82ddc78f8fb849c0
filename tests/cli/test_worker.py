# SPDX-License-Identifier: EUPL-1.2
"""The real worker told to stop while the server holds a message: it ends it, notes it, and leaves the others waiting."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.bootstrap import open_application
from tests.conftest import ROOT
from tests.factories.world import make_world
from tests.notifications.scenes import pending_message
from tests.notifications.servers import Server, running
from workflow.models import Message, ScheduleRun


class Holding(Server):
    """Holds its first message until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.came, self.go = threading.Event(), threading.Event()

    async def handle_DATA(self, *conversation: Any) -> str:  # noqa: N802 (the name that aiosmtpd calls)
        self.came.set()
        await asyncio.to_thread(self.go.wait)
        return await super().handle_DATA(*conversation)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_sigterm_ends_the_message_under_way_and_leaves_the_others(config_file: Path) -> None:
    with running(Holding()) as server:
        settings = json.loads(config_file.read_text())
        smtp = {"host": "127.0.0.1", "port": server.port, "connections": 1, "sender": "v@epci.test"}
        settings["deployment"] |= {"environment": "production", "smtp": smtp}
        config_file.write_text(json.dumps(settings))
        application = open_application(config_file, {})
        with application.write() as db:
            world = make_world(db)
            for rank in range(5):
                pending_message(world, f"k{rank}")
        command = [sys.executable, "-m", "cli.main", "worker", "--config", str(config_file)]
        process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env={**os.environ})
        try:
            assert server.came.wait(60)
            process.send_signal(signal.SIGTERM)
            server.go.set()
            _, said = process.communicate(timeout=60)
        finally:
            server.go.set()
            process.kill()
    with application.read() as db:
        states = Counter(db.scalars(select(Message.state)))
        slots = set(db.scalars(select(ScheduleRun.state)))
    application.close()

    assert (process.returncode, "Traceback" in said) == (0, False)
    assert len(server.received) == states["sent"] >= 1
    assert set(states) <= {"sent", "pending"}
    assert slots == {"done"}
