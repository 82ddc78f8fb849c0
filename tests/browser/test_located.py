# SPDX-License-Identifier: EUPL-1.2
"""A file of beneficiaries is chosen and located in a real browser, with the keyboard alone and without scripts."""

from pathlib import Path

import pytest

from tests.browser.conftest import Served
from tests.factories.perimeters import INSIDE, ON_EDGE, OUTSIDE, write_beneficiaries, write_perimeters
from tests.web.test_located import name_perimeters
from tests.workflow.journey import at

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


def test_a_file_is_located_without_scripts(served: Served, tmp_path: Path) -> None:
    world = served.site.world
    name_perimeters(served.site, write_perimeters(tmp_path))
    file = write_beneficiaries(tmp_path, [INSIDE] * 5 + [OUTSIDE] * 2 + [ON_EDGE])
    dossier = at(world, "submitted").dossier
    page = served.sign_in(world.instructor, javascript=False)
    page.goto(f"/dossiers/{dossier.id}")
    page.get_by_text("Localiser les bénéficiaires", exact=True).press("Enter")
    page.get_by_label("Fichier des bénéficiaires géocodés").set_input_files(file)
    page.get_by_role("button", name="Localiser").press("Enter")

    page.get_by_role("status").wait_for()
    row = page.get_by_role("row", name="Localisé")
    shown = [cell.replace("\u00a0", " ") for cell in row.get_by_role("cell").all_inner_texts()]

    assert shown == ["8", "5", "2", "1", "de 62,5 % à 75 %"]
