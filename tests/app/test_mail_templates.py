# SPDX-License-Identifier: EUPL-1.2
"""Local templates of messages: used instead of ours, refused at start and by `doctor` when a message could not be written."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from app.bootstrap import Application
from app.config import Config
from app.deployment import Deployment
from app.doctor import diagnose
from app.errors import AppError
from app.mail import mail_settings
from app.worker import run_once
from notifications.local_templates import template_faults
from notifications.planner import plan
from tests.factories.contract import toy_territory
from tests.factories.world import World
from tests.notifications.scenes import MAIL, convoked_committee
from web.main import create_app
from workflow.models import Message

one_engine = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SUBJECT = "seance_convocation/subject.txt"


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (SUBJECT, "Séance\n{{ seanse }}", f"{SUBJECT}, ligne 2 : variable inconnue « seanse » ; variables de ce"),
        (SUBJECT, "{{ starts_at | jour }}", f"{SUBJECT}, ligne 1 : modèle illisible (No filter named 'jour'"),
        (SUBJECT, "{% if seance %}", f"{SUBJECT}, ligne 1 : modèle illisible"),
        ("seance_convocation/sujet.txt", "Séance", "seance_convocation/sujet.txt : aucun modèle ne porte ce nom"),
        ("layout.txt", "{{ bonjour }}{% block body %}{% endblock %}", "layout.txt, ligne 1 : variable inconnue « bonjour »"),
    ],
)  # fmt: skip
def test_each_fault_names_its_file_and_line(tmp_path: Path, name: str, text: str, said: str) -> None:
    (fault,) = template_faults(written(tmp_path, name, text))

    assert fault.startswith(said)


def test_good_templates_and_other_files_are_let_be(tmp_path: Path) -> None:
    written(
        tmp_path, SUBJECT, "{% set mot = 'Convocation' %}{{ mot }} : {{ seance }} ({{ starts_at | day }})"
    )
    written(tmp_path, "LISEZMOI.md", "{{ rien }}")

    assert template_faults(tmp_path) == []
    (tmp_path / SUBJECT).write_bytes(b"S\xe9ance")
    assert template_faults(tmp_path) == [f"{SUBJECT} : ce fichier n’est pas en UTF-8"]
    assert template_faults(tmp_path / "absent") == ["absent : dossier introuvable"]


@one_engine
def test_local_words_leave_instead_of_ours(world: World, now: datetime, tmp_path: Path) -> None:
    written(tmp_path, SUBJECT, "Valmont vous convoque : {{ seance }}")
    convoked_committee(world)

    plan(world.db, now, replace(MAIL, templates=tmp_path))

    titles = set(world.db.scalars(select(Message.title).where(Message.kind == "seance_convocation")))
    assert titles == {"Valmont vous convoque : Comité d’engagement"}


@one_engine
def test_nothing_starts_with_an_unknown_variable(engine: Engine, tmp_path: Path) -> None:
    folder = written(tmp_path, SUBJECT, "{{ seanse }}")
    deployment = Deployment(mail_templates=str(folder))
    config = Config(deployment=deployment, contracts=(toy_territory(),))
    application = Application(config, engine)

    for start in (lambda: run_once(application), lambda: create_app(application)):
        with pytest.raises(
            AppError, match=r"deployment\.mail_templates.*variable inconnue «.seanse.»"
        ) as refused:
            start()
        assert refused.value.exit_code == 2
    found = [item for item in diagnose(config) if item.subject == "deployment.mail_templates"]
    assert [item.level for item in found] == ["error"]
    assert mail_settings(config).templates == folder
