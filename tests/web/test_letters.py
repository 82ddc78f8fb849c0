# SPDX-License-Identifier: EUPL-1.2
"""Letters on screen: read by the secretary and the pilot only, safely shown, released once, alone or by séance."""

from email.message import EmailMessage

import pytest

from tests.web.conftest import Site
from tests.workflow.journey import at
from workflow.models import Message, Seance

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def letter(site: Site, subject: str = "dossier:1", key: str = "refusal:1:1", state: str = "draft") -> Message:
    """A letter held, whose text tries to be HTML, with one attachment."""
    mail = EmailMessage()
    mail["From"], mail["To"] = "Secrétariat <secretariat@toy.test>", "porteur@toy.test"
    mail["Subject"] = "Votre demande de subvention"
    mail.set_content("Madame, Monsieur,\n<script>alert(1)</script>")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="notification.pdf")
    now = site.application.now()
    row = Message(
        key=key,
        contract_id=site.world.contract.id,
        kind="refusal",
        subject_ref=subject,
        recipient="porteur@toy.test",
        title="Votre demande de subvention",
        body=mail.as_bytes(),
        message_id=f"<{key}@toy.test>",
        state=state,
        created_at=now,
        next_attempt_at=now,
    )
    site.world.db.add(row)
    site.world.db.commit()
    return row


def state_of(site: Site, row: Message) -> str:
    with site.application.read() as db:
        return db.get_one(Message, row.id).state


def test_the_secretary_reads_and_releases_a_letter(site: Site) -> None:
    row = letter(site)
    client = site.client(site.world.secretary)
    assert f'href="/messages/{row.id}"' in client.get("/messages").text
    shown = client.get(f"/messages/{row.id}").text
    assert "Madame, Monsieur" in shown and "&lt;script&gt;alert(1)" in shown and "<script>alert" not in shown
    assert "notification.pdf" in shown and "Libérer" in shown
    released = site.post(client, f"/messages/{row.id}/liberation")
    assert released.status_code == 200 and "Courrier libéré" in released.text
    assert state_of(site, row) == "pending"
    assert "<button>Libérer</button>" not in released.text
    again = site.post(client, f"/messages/{row.id}/liberation")
    assert again.status_code == 409 and "Seul un brouillon se libère" in again.text


@pytest.mark.parametrize("who", ["bearer", "stranger", "colleague", "citizen"])
def test_nobody_else_reads_or_releases_it(site: Site, who: str) -> None:
    row = letter(site)
    client = site.client(getattr(site.world, who))
    read, released = client.get(f"/messages/{row.id}"), site.post(client, f"/messages/{row.id}/liberation")
    assert read.status_code in (403, 404) and released.status_code in (403, 404)
    assert "Madame, Monsieur" not in read.text
    assert state_of(site, row) == "draft"


def test_a_letter_of_another_contract_does_not_exist(site: Site) -> None:
    row = letter(site)
    row.contract_id = None
    client = site.client(site.world.secretary)
    assert client.get(f"/messages/{row.id}").status_code == 404
    assert client.get(f"/messages/{2**40}").status_code == 404
    assert site.post(client, f"/messages/{row.id}/liberation").status_code == 404


def closed(site: Site) -> Seance:
    found = at(site.world, "commitment").committee()
    found.status, found.closed_at = "closed", site.application.now()
    found.items[0].decision = "rejected"
    return found


def test_all_the_letters_of_a_seance_leave_together(site: Site) -> None:
    found = closed(site)
    subject = f"dossier:{found.items[0].dossier_id}"
    first, second = letter(site, subject), letter(site, subject, "refusal:2:1")
    other, unlisted = letter(site, "dossier:9999", "refusal:3:1"), letter(site, subject, "refusal:4:1")
    client = site.client(site.world.secretary)
    assert "Libérer tous les courriers de cette séance" in client.get(f"/seances/{found.id}").text
    assert "Courriers à relire" not in site.client(site.world.colleague).get(f"/seances/{found.id}").text
    path = f"/seances/{found.id}/courriers"
    refused = site.post(site.client(site.world.colleague), path, letter=[first.id])
    assert refused.status_code == 403
    said = site.post(client, path, letter=[first.id, second.id, other.id])
    assert "2 courriers libérés" in said.text
    assert [state_of(site, row) for row in (first, second)] == ["pending", "pending"]
    assert [state_of(site, row) for row in (other, unlisted)] == ["draft", "draft"]
