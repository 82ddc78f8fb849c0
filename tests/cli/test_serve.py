# SPDX-License-Identifier: EUPL-1.2
"""The pages served by two real processes on one port, then stopped cleanly."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from app.bootstrap import open_application
from tests.conftest import ROOT

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@one_engine
def test_several_processes_share_one_port_and_end_together(config_file: Path) -> None:
    open_application(config_file, {}).close()
    command = [sys.executable, "-m", "cli.main", "serve", "--config", str(config_file)]
    process = subprocess.Popen(
        [*command, "--port", "0", "--processes", "2"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ},
        start_new_session=True,
    )
    try:
        assert process.stderr is not None
        address = re.search(r"http://\S+:\d+", process.stderr.readline())
        assert address is not None
        with httpx2.Client(base_url=address[0], timeout=60) as client:
            answers = [client.get("/healthz").status_code for _ in range(8)]
        serving = serving_processes(process.pid)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()

    assert answers == [200] * 8
    assert len(serving) == 2
    assert (process.returncode, "Traceback" in said) == (0, False)
    assert not any(Path(f"/proc/{child}").exists() for child in serving)


def serving_processes(parent: int) -> list[str]:
    """Its children, without the helper of Python's own multiprocessing, which leaves a moment later."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [child for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
