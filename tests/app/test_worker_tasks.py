# SPDX-License-Identifier: EUPL-1.2
"""A worker by itself, without the pages, knows every kind of task: none waits for ever."""

import json
import re
import subprocess
import sys

from tests.conftest import ROOT

KINDS = "import json, app.worker, app.tasks; print(json.dumps(sorted(h.__module__ for h in app.tasks.HANDLERS.values())))"


def test_a_worker_alone_does_every_kind_of_task() -> None:
    registering = [
        f"app.{path.stem}"
        for path in sorted((ROOT / "app").glob("*.py"))
        for _ in re.findall(r"^register\(", path.read_text(), re.MULTILINE)
    ]

    done = subprocess.run(
        [sys.executable, "-c", KINDS], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )

    assert len(registering) >= 6
    assert json.loads(done.stdout) == registering
