# SPDX-License-Identifier: EUPL-1.2
"""The wheel, installed in an empty environment with the production lock, has everything `init` needs."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, name_of, project_files
from tests.conftest import ROOT
from tests.factories.contract import toy_settings


def run(*command: str | Path, cwd: Path) -> str:
    environ = {
        key: value for key, value in os.environ.items() if not key.startswith(("COINSTRUCTION", "PYTHON"))
    }
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel built from the sources as committed or about to be."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    run(*build, cwd=ROOT)
    return next(folder.glob("*.whl"))


def test_wheel_holds_data_files_and_nothing_foreign(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()

    shipped = {name_of(path) for path in project_files() if name_of(path).split("/")[0] in PACKAGES}
    assert shipped - set(names) == set()
    assert "migrations/versions/0001_initial.py" in names
    tops = {name.split("/")[0] for name in names} - {"coinstruction-0.1.0.dist-info"}
    assert tops == set(PACKAGES)


def test_wheel_installed_alone_runs_init(wheel: Path, tmp_path: Path) -> None:
    environment, python = tmp_path / "env", tmp_path / "env" / "bin" / "python"
    run(sys.executable, "-m", "venv", environment, cwd=tmp_path)
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile"]
    run(*pip, "--require-hashes", "-r", ROOT / "requirements.lock", cwd=tmp_path)
    run(*pip, "--no-deps", wheel, cwd=tmp_path)
    (tmp_path / "config.yaml").write_text(json.dumps({"contracts": [toy_settings()]}), encoding="utf-8")
    command = environment / "bin" / "coinstruction"

    first = run(command, "init", cwd=tmp_path)
    listed = run(command, "dossier", "list", "--json", cwd=tmp_path)
    rules = json.loads(run(command, "rules", "--json", cwd=tmp_path))

    assert "Base de données créée" in first
    assert json.loads(listed) == []
    assert "qpv.majority" in {rule["rule"] for rule in rules}
    assert (tmp_path / "coinstruction.db").is_file()
    shutil.rmtree(environment)
