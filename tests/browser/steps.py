# SPDX-License-Identifier: EUPL-1.2
"""What people do in the browser, one function per act, by roles and labels only: when a page moves, it moves here."""

import re
from collections.abc import Iterable, Mapping

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Served
from workflow.models import Dossier, FundingLine, Opinion, Person


class Someone:
    """One person at their own browser, signed in."""

    def __init__(self, served: Served, person: Person, *, javascript: bool) -> None:
        self.person = person
        self.page = served.window(person, javascript=javascript)

    # --- gestures

    def unfold(self, label: str, inside: Locator | None = None) -> Locator:
        """Opens what this label hides, if it hides something; where its form is."""
        around = inside or self.page.get_by_role("main")
        folded = around.locator("details").filter(has=self.page.locator("summary", has_text=exactly(label)))
        if folded.count() == 0:
            return around
        if folded.last.get_attribute("open") is None:
            folded.last.locator("summary").first.click()
        return folded.last

    def press(
        self,
        button: str,
        fields: Mapping[str, str] | None = None,
        said: str = "",
        inside: Locator | None = None,
    ) -> None:
        """Fills the fields by their labels, presses the button, reads what is announced."""
        form = self.unfold(button, inside)
        for label, value in (fields or {}).items():
            group = form.locator("fieldset", has=self.page.locator("legend", has_text=exactly_begins(label)))
            choice = group.locator(f"input[type=radio][value='{value}']")
            if choice.count():
                choice.first.check()
                continue
            named = form.get_by_label(re.compile(rf"^{re.escape(label)}( \(obligatoire\))?$"))
            fill(named.and_(form.locator("input, select, textarea")).first, value)
        send(self.page, form.get_by_role("button", name=button).first)
        expect(self.page.get_by_role("alert")).to_have_count(0)
        expect(self.page.get_by_role("status").first).to_contain_text(said)

    # --- dossiers

    def open_dossier(self, dossier: Dossier) -> None:
        """From the list, by its reference; a porteur's list names its actions."""
        self.page.goto(f"/dossiers?q={dossier.reference}&annee=toutes")
        named = self.page.get_by_role("link", name=dossier.title, exact=True)
        self.page.get_by_role("link", name=dossier.reference, exact=True).or_(named).first.click()
        expect(self.page).to_have_title(re.compile(f"{dossier.reference} – "))

    def advance(self, dossier: Dossier, action: str, fields: Mapping[str, str] | None = None) -> None:
        """One transition of the dossier."""
        self.open_dossier(dossier)
        self.press(action, fields, said="désormais")

    def file(self, dossier: Dossier) -> None:
        """The porteur's request, from the page that shows it whole."""
        self.page.goto(f"/demandes/{dossier.id}/verification")
        send(self.page, self.page.get_by_role("button", name="Déposer la demande"))
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Demande déposée")

    def give_opinion(self, opinion: Opinion, value: str, text: str) -> None:
        """The opinion of one's organisation, on its own page."""
        self.page.goto(f"/dossiers/{opinion.dossier_id}/avis/{opinion.id}")
        self.press("Rendre l’avis", {"Avis": value, "Observations": text})

    def write_synthesis(self, dossier: Dossier, value: str, strengths: str) -> None:
        """The lead instructor's, beside the opinions."""
        self.page.goto(f"/dossiers/{dossier.id}/avis")
        self.press("Enregistrer la synthèse", {"Avis de synthèse": value, "Points forts": strengths})

    def answer(self, line: FundingLine, fields: Mapping[str, str]) -> None:
        """The financer's answer on one line."""
        self._open_line(line)
        self.press("Enregistrer la réponse", fields)

    def propose(self, line: FundingLine, amount: str) -> None:
        """An amount for the committee."""
        self._open_line(line)
        self.press("Proposer", {"Montant proposé": amount})

    def record_act(self, line: FundingLine, fields: Mapping[str, str]) -> None:
        """The financer's own decision."""
        self._open_line(line)
        self.press("Enregistrer l’acte du financeur", fields)

    def record_acts(self, act: Mapping[str, str], amounts: Mapping[FundingLine, str]) -> None:
        """One act of its financer on several lines, from the list of those that wait for theirs."""
        self.page.get_by_role("navigation").get_by_role("link", name="Actes", exact=True).first.click()
        for line, amount in amounts.items():
            row = self.page.get_by_role("row").filter(has=self.page.locator(f"[name=line-{line.id}]"))
            row.get_by_role("checkbox").check()
            row.get_by_label("Montant accordé").fill(amount)
        self.press("Enregistrer l’acte", act, said=f"{len(amounts)} lignes")

    def _open_line(self, line: FundingLine) -> None:
        self.page.goto(f"/dossiers/{line.dossier_id}/lignes/{line.id}")

    # --- the years of a CPO

    def send_interim_report(self, dossier: Dossier, fields: Mapping[str, str]) -> None:
        """What the porteur says of its year, with the indicators of its CPO."""
        self.open_dossier(dossier)
        self.page.get_by_role("link", name="Remplir le bilan").first.click()
        self.press("Envoyer comme bilan intermédiaire", fields, said="Bilan intermédiaire envoyé")

    def renew(self, dossier: Dossier) -> None:
        """The dossier of the year after, from « Années suivantes »."""
        self.open_dossier(dossier)
        self.page.get_by_role("link", name="Années suivantes de la CPO").click()
        self.press(f"Créer le dossier {dossier.year + 1}", said="aux montants promis")

    # --- séances

    def plan_seance(self, body: str, at: str) -> None:
        """A séance of one body, with the dossiers that wait for it."""
        self.page.goto("/seances")
        self.press(
            "Prévoir la séance",
            {"Instance": body, "Date et heure": at},
            inside=self.unfold("Prévoir une séance"),
        )
        self.press("Inscrire les dossiers en attente")
        self.press("Convoquer", said="convoquée")

    def hold_seance(self, present: Iterable[Person]) -> None:
        """Opens it, notes who is there, retains what was proposed, closes."""
        self.press("Ouvrir la séance", said="ouverte")
        self.unfold("Présences")
        for person in present:
            self.page.get_by_label(f"Présence de {person.name}").select_option("present")
        self.press("Enregistrer les présences")
        self.press("Retenir tel que proposé")
        self.page.get_by_role("link", name="Clore la séance").click()
        self.press("Clore la séance", said="désormais close")

    def release_letters(self, seance_id: int) -> None:
        """What was written to the porteur leaves."""
        self.page.goto(f"/seances/{seance_id}")
        self.press("Libérer le courrier de cette séance", said="libéré")


def send(page: Page, button: Locator) -> None:
    """Presses, and waits for the page that answers: until then the old one would still obey."""
    with page.expect_navigation():
        button.click()


def fill(field: Locator, value: str) -> None:
    """Types, or chooses when it is a choice."""
    if field.evaluate("field => field.tagName") == "SELECT":
        field.select_option(value)
    elif field.get_attribute("type") == "checkbox":
        field.set_checked(value == "oui")
    else:
        field.fill(value)


def exactly(label: str) -> re.Pattern[str]:
    """This text and no other."""
    return re.compile(rf"^\s*{re.escape(label)}\s*$")


def exactly_begins(label: str) -> re.Pattern[str]:
    """A text that begins so."""
    return re.compile(rf"^\s*{re.escape(label)}")
