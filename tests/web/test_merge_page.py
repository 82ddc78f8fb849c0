# SPDX-License-Identifier: EUPL-1.2
"""Two agents changed the same form: the three versions side by side, the choice by field, and one form sent again."""

import re
from html import unescape

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from tests.web.conftest import Site
from tests.workflow.journey import at
from web.forms import Failure, Field, FormView, Typed
from web.merge import MergedField, merged, merged_fields

INPUT = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
FORM = {"opinion": "favourable", "strengths": "Ancrage", "reservations": "Public"}


def hidden(page: str, action: str) -> dict[str, list[str]]:
    """The hidden fields of one form, as a browser sends them."""
    form = page.split(f'action="{action}"')[1].split("</form>", maxsplit=1)[0]
    found: dict[str, list[str]] = {}
    for name, value in INPUT.findall(form):
        found.setdefault(name, []).append(unescape(value))
    return found


class Two:
    """The lead instructor's page, open while somebody else changes the synthesis."""

    def __init__(self, site: Site) -> None:
        self.site, self.dossier = site, at(site.world, "co_instruction").dossier
        self.path = f"/dossiers/{self.dossier.id}"
        self.action = f"{self.path}/synthese"
        self.client = site.client(site.world.instructor)
        self.send(**FORM)
        self.opened = hidden(self.client.get(f"{self.path}/avis").text, self.action)

    def send(self, **form: object) -> Response:
        return self.site.post(self.client, self.action, **form)

    def send_opened(self, **form: object) -> Response:
        return self.client.post(self.action, data={**self.opened, **form})

    @property
    def kept(self) -> dict[str, object]:
        found = self.site.dossier(self.dossier).synthesis
        assert found is not None
        return found


@pytest.fixture
def two(site: Site) -> Two:
    return Two(site)


def resend(client: TestClient, page: str, action: str, **choices: str) -> Response:
    return client.post(action, data={**hidden(page, action), **choices})


def test_both_changed_the_same_field_and_the_three_versions_are_shown(two: Two) -> None:
    two.send(**{**FORM, "strengths": "Ancrage et bénévoles"})
    page = two.send_opened(**{**FORM, "strengths": "Ancrage ancien", "reservations": "Public flou"})
    assert page.status_code == 409
    text = page.text
    assert "Modifié entre-temps par quelqu’un d’autre" in text
    assert "« Écrire la synthèse d’instruction », par <strong>Inès Instructrice</strong>" in text
    strengths = text.split("<legend>Points forts")[1].split("</fieldset>")[0]
    assert [
        strengths.count(f"<dd>{v}</dd>") for v in ("Ancrage", "Ancrage et bénévoles", "Ancrage ancien")
    ] == [1, 1, 1]
    assert "à choisir" in strengths and "checked" not in strengths
    reservations = text.split("<legend>Réserves")[1].split("</fieldset>")[0]
    assert "à choisir" not in reservations and 'value="mien" required checked' in reservations
    assert "Avis de synthèse" in text.split("Ce qui est pareil des deux côtés")[1]
    assert two.kept["strengths"] == "Ancrage et bénévoles"  # nothing was saved


@pytest.mark.parametrize(
    ("way", "strengths"),
    [("mien", "À moi"), ("sien", "À l’autre"), ("deux", "À l’autre\n\nÀ moi")],
)
def test_the_choice_is_saved_with_the_new_version(two: Two, way: str, strengths: str) -> None:
    two.send(**{**FORM, "strengths": "À l’autre"})
    page = two.send_opened(**{**FORM, "strengths": "À moi", "reservations": "Les miennes"}).text
    done = resend(two.client, page, two.action, **{"choix:strengths": way, "choix:reservations": "mien"})
    assert done.status_code == 200 and "Synthèse" in done.text
    assert (two.kept["strengths"], two.kept["reservations"]) == (strengths, "Les miennes")
    assert two.kept["opinion"] == "favourable"


def test_a_field_only_the_other_changed_proposes_theirs(two: Two) -> None:
    two.send(**{**FORM, "strengths": "À l’autre"})
    page = two.send_opened(**{**FORM, "reservations": "Les miennes"}).text
    assert "ne se contredisent pas" in page
    strengths = page.split("<legend>Points forts")[1].split("</fieldset>")[0]
    assert 'value="sien" required checked' in strengths


def test_a_field_left_unchosen_asks_again_and_saves_nothing(two: Two) -> None:
    two.send(**{**FORM, "strengths": "À l’autre"})
    page = two.send_opened(**{**FORM, "strengths": "À moi"}).text
    again = resend(two.client, page, two.action)
    assert again.status_code == 409 and "À moi" in again.text and "à choisir" in again.text
    assert two.kept["strengths"] == "À l’autre"


def test_a_third_change_meanwhile_is_a_new_choice(two: Two) -> None:
    two.send(**{**FORM, "strengths": "Deux"})
    page = two.send_opened(**{**FORM, "strengths": "Moi"}).text
    two.send(**{**FORM, "strengths": "Trois"})
    again = resend(two.client, page, two.action, **{"choix:strengths": "mien"})
    assert again.status_code == 409
    strengths = again.text.split("<legend>Points forts")[1].split("</fieldset>")[0]
    assert [strengths.count(f"<dd>{v}</dd>") for v in ("Deux", "Trois", "Moi")] == [1, 1, 1]


def test_a_change_elsewhere_on_the_dossier_keeps_what_was_typed(two: Two) -> None:
    two.site.post(two.site.client(two.site.world.secretary), f"{two.path}/conseil-citoyen", text="Oui")
    page = two.send_opened(**{**FORM, "strengths": "Moi"})
    assert page.status_code == 409 and "par <strong>Sacha Secrétaire</strong>" in page.text
    done = resend(two.client, page.text, two.action, **{"choix:strengths": "mien"})
    assert done.status_code == 200 and two.kept["strengths"] == "Moi"


def test_an_amount_proposed_by_two_is_chosen(site: Site) -> None:
    dossier = at(site.world, "financers_conference").dossier
    line = dossier.line("caf:droit_commun")
    assert line is not None
    caf = site.client(site.world.financers["caf"])
    base = f"/dossiers/{dossier.id}/lignes/{line.id}"
    opened = hidden(caf.get(base).text, f"{base}/proposition")
    site.post(site.client(site.world.secretary), f"{base}/proposition", amount="2 000")
    page = caf.post(f"{base}/proposition", data={**opened, "amount": "2500"})
    assert page.status_code == 409 and "<dd>2000</dd>" in page.text and "<dd>2500</dd>" in page.text
    done = resend(caf, page.text, f"{base}/proposition", **{"choix:amount": "mien"})
    assert done.status_code == 200
    assert site.line(dossier, "caf:droit_commun").proposed == 2500


def test_a_refused_form_keeps_what_it_held_when_opened(two: Two) -> None:
    refused = two.send_opened(**{**FORM, "opinion": "", "strengths": "Moi"})
    assert refused.status_code == 422
    assert hidden(refused.text, two.action)["avant:strengths"] == ["Ancrage"]


def test_a_form_without_versions_to_bring_together_is_left_alone() -> None:
    values = {"jeton": ("x",), "strengths": ("Moi",), "avant:strengths": ("",)}
    assert merged(values) == values


def ticked(*values: str) -> Field:
    choices = tuple((code, code.upper()) for code in "abcd")
    return Field("qpv", "Quartiers", "checks", values, choices=choices)


def test_ticked_boxes_are_compared_as_a_set_and_both_lists_can_be_kept() -> None:
    """A browser sends boxes in the order of the page, the dossier keeps another: nobody changed anything."""

    def fields(theirs: tuple[str, ...], before: tuple[str, ...], mine: tuple[str, ...]) -> MergedField:
        form = FormView("/dossiers/1/completer", "Enregistrer", (ticked(*theirs),))
        typed = Typed({"avant:qpv": before, "qpv": mine})
        (found,) = merged_fields(form, Failure("/dossiers/1/completer", typed, ""))
        return found

    assert fields(("b", "a"), ("b", "a"), ("a", "b")).is_same
    assert fields(("b", "a"), ("b", "a"), ("a", "b", "c")).chosen == "mien"
    clash = fields(("a", "c"), ("a",), ("b", "a"))
    assert not clash.chosen and clash.can_join and not clash.is_same
    kept = merged(
        {"mien:qpv": ("a", "b"), "sien:qpv": ("a", "c"), "choix:qpv": ("union",), "version": ("3",)}
    )
    assert kept["qpv"] == ("a", "c", "b") and kept["version"] == ("3",)
