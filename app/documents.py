# SPDX-License-Identifier: EUPL-1.2
"""Documents of a séance as rows: the same bytes are one row, however often they are made."""

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.models import Document, Seance

PDF = "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON = "application/json"


def store_document(
    db: Session, seance: Seance, kind: str, name: str, content: bytes, now: datetime, media_type: str = PDF
) -> Document:
    """The document of these bytes, about this séance."""
    digest, about = hashlib.sha256(content).hexdigest(), f"seance:{seance.id}"
    same = select(Document).where(
        Document.subject == about,
        Document.kind == kind,
        Document.media_type == media_type,
        Document.sha256 == digest,
    )
    known = db.scalar(same)
    if known is not None:
        return known
    row = Document(
        contract_id=seance.contract_id,
        kind=kind,
        subject=about,
        name=name,
        media_type=media_type,
        sha256=digest,
        content=content,
        created_at=now,
    )
    db.add(row)
    db.flush()
    return row
