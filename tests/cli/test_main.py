# SPDX-License-Identifier: EUPL-1.2
"""The root: help without heavy imports, every command loadable, French errors, exit codes."""

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from cli.main import COMMANDS, main
from tests.conftest import ROOT, Answer

IMPORTS = """
import sys
from cli.main import main
try:
    main(["--help"])
except SystemExit as left:
    assert left.code == 0
at_start = {"sitecustomize", "usercustomize"}  # some machines' Python brings its own
loaded = {name.partition(".")[0] for name in sys.modules} - set(sys.stdlib_module_names) - at_start
print("LOADED", sorted(name for name in loaded if not name.startswith("_")))
"""


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> Answer:
    capsys.readouterr()
    with pytest.raises(SystemExit) as left:
        main(arguments)
    printed = capsys.readouterr()
    return Answer(int(left.value.code or 0), printed.out, printed.err)


def test_help_imports_click_only() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORTS], cwd=ROOT, capture_output=True, text=True, check=True
    )

    loaded = done.stdout.rpartition("LOADED ")[2].strip()
    assert loaded == "['cli', 'click']"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_loads_and_has_french_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    module, _, attribute = COMMANDS[name][0].partition(":")
    assert isinstance(getattr(import_module(module), attribute), click.Command)

    answer = run(capsys, name, "--help")

    assert answer.code == 0
    assert "Affiche cette aide." in answer.out


def _leaves(command: click.Command, path: tuple[str, ...]) -> list[tuple[tuple[str, ...], click.Command]]:
    if not isinstance(command, click.Group):
        return [(path, command)]
    return [leaf for name, sub in command.commands.items() for leaf in _leaves(sub, (*path, name))]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_takes_the_shared_options(name: str) -> None:
    module, _, attribute = COMMANDS[name][0].partition(":")
    missing = {}
    for path, leaf in _leaves(getattr(import_module(module), attribute), (name,)):
        options = {option for parameter in leaf.params for option in parameter.opts}
        lacking = {"--json", "--config", "--contract"} - options
        if lacking:
            missing[" ".join(path)] = lacking

    assert missing == {}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nulle",), "Commande inconnue"),
        (("dossier", "show"), "Argument manquant"),
        (("dossier", "list", "--nulle"), "Option inconnue"),
        (("dossier", "list", "--year", "deux"), "n’est pas un nombre"),
        (("dossier", "advance", "X", "submit"), "Option manquante"),
        (("check",), "donner au moins une référence"),
        (("diagram", "--table", "nulle"), "n’est pas parmi"),
    ],
)
def test_usage_errors_are_french_and_exit_2(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = run(capsys, *arguments)

    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err
    assert "Error" not in answer.err


def test_missing_configuration_exits_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    answer = run(capsys, "dossier", "list", "--config", str(tmp_path / "absent.yaml"))

    assert answer.code == 2
    assert "absent.yaml" in answer.err
    assert "Traceback" not in answer.err


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_database_not_initialised_exits_2(config_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = json.loads(config_file.read_text())
    settings["deployment"]["database_url"] = f"sqlite:///{config_file.parent / 'new.db'}"
    config_file.write_text(json.dumps(settings))

    answer = run(capsys, "dossier", "list", "--config", str(config_file))

    assert answer.code == 2
    assert "coinstruction init" in answer.err


def test_unexpected_fault_gives_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(COMMANDS, "rules", ("cli.checks:nothing_there", ""))

    answer = run(capsys, "rules")

    assert answer.code == 1
    assert "incident inattendu" in answer.err
    assert "Traceback" not in answer.err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version").out.startswith("coinstruction, version ")


def test_output_is_utf8_whatever_the_locale() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "diagram"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        env={"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )

    assert "Comité d’engagement" in done.stdout.decode("utf-8")
