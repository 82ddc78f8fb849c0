# SPDX-License-Identifier: EUPL-1.2
"""Papers and words around the dossiers under way: pieces received, notes between partners, questions to the porteur."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.demo.office import Office
from app.demo.people import BEARERS
from workflow.contents import Received
from workflow.exchanges import INTERNAL, PORTEUR, write_message
from workflow.models import Dossier
from workflow.permissions import Actor
from workflow.pieces import PIECE_LABELS, add_piece, may_add

MINUTE = timedelta(minutes=1)
USUAL = ("cerfa", "statuts", "rib", "budget")
QUESTION = "Bonjour, combien de participants habitent le quartier, et comment le saurez-vous ? Le budget joint ne le dit pas."
ANSWER = "Bonjour, une trentaine d’après l’an dernier ; nous relevons l’adresse à l’inscription. Le budget corrigé suit."
NOTES = (
    "Vu avec la commune : la salle est acquise, elle le confirmera dans son avis.",
    "À rapprocher de l’action du même porteur dans le quartier voisin avant la conférence.",
)


def write_threads(office: Office, dossiers: Iterable[Dossier], at: datetime) -> None:
    """On each dossier its usual pieces and a note; where the porteur has an account, a question and its answer."""
    names = {porteur: email for email, _, porteur in BEARERS}
    for rank, dossier in enumerate(dossiers):
        moment = at + rank * 5 * MINUTE
        bearer = office.cast.by_email.get(names.get(dossier.porteur.name, ""))
        _send_pieces(office.db, dossier, bearer or office.cast.secretary, moment, rank)
        lead = office.lead(dossier)
        write_message(office.db, dossier, INTERNAL, NOTES[rank % len(NOTES)], lead, moment + MINUTE)
        if bearer is not None:
            write_message(office.db, dossier, PORTEUR, QUESTION, lead, moment + 2 * MINUTE)
            write_message(office.db, dossier, PORTEUR, ANSWER, bearer, moment + 3 * MINUTE)


def _send_pieces(db: Session, dossier: Dossier, sender: Actor, at: datetime, rank: int) -> None:
    if not may_add(db, dossier, sender):
        return
    for code in USUAL[: 2 + rank % 3]:
        title = f"{PIECE_LABELS[code]} – {dossier.porteur.name}"
        received = Received(f"{code}-{dossier.reference}.pdf", "application/pdf", one_page(title))
        add_piece(db, dossier, code, received, sender, at)


def one_page(title: str) -> bytes:
    """A real PDF of one page that says its title."""
    said = title.encode("cp1252", "replace").translate(None, b"()\\")
    stream = b"BT /F1 16 Tf 60 760 Td (" + said + b") Tj ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    )
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(made))
    return made + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table + end
