# SPDX-License-Identifier: EUPL-1.2
"""What `doctor` adds to the reading of the configuration: the database's state, and with `audit` the journal's chains."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.bootstrap import Application
from app.closings import frozen_faults
from app.diagnosis import Diagnosis
from app.doctor import diagnose
from app.errors import DatabaseError
from app.schema import check_schema
from workflow.decisions import replay
from workflow.errors import WorkflowError
from workflow.firing import PARIS
from workflow.journal import verify_all
from workflow.models import DecisionRecord


def examine_installation(application: Application, *, audit: bool = False) -> list[Diagnosis]:
    """Everything worth saying, most serious first; a database that cannot be read is one more thing said."""
    day = application.today()
    try:
        check_schema(application.engine)
    except DatabaseError as error:
        broken = Diagnosis("error", "deployment.database_url", str(error))
        return [broken, *diagnose(application.config, on=day)]
    with application.read() as db:
        found = diagnose(application.config, db, on=day)
        faults = [*verify_all(db), *frozen_faults(db)] if audit else []
        decisions = _decisions(db) if audit else []
    told = [Diagnosis("error", "journal", fault, "restaurer une sauvegarde et comparer") for fault in faults]
    if audit and not faults:
        told.append(
            Diagnosis(
                "info",
                "journal",
                "toutes les chaînes, tous les sceaux et toutes les synthèses figées sont intacts",
            )
        )
    return told + decisions + found


def _decisions(db: Session) -> list[Diagnosis]:
    """Every recorded decision computed again, one at a time: those whose findings differ from what was kept."""
    number, told = 0, []
    for record in db.scalars(
        select(DecisionRecord).order_by(DecisionRecord.id).execution_options(yield_per=100)
    ):
        number += 1
        where = f"dossier:{record.dossier_id}"
        try:
            different = replay(db, record).different
        except WorkflowError as error:
            told.append(Diagnosis("error", where, str(error)))
            continue
        if different:
            day = record.decided_at.astimezone(PARIS)
            text = f"décision du {day:%d/%m/%Y} : recalculés, ces constats diffèrent : {', '.join(different)}"
            told.append(Diagnosis("warning", where, text, "comparer avec « dossier decisions »"))
    if not told:
        text = f"{number} décision(s) recalculée(s) avec les règles de leur jour : mêmes constats"
        told.append(Diagnosis("info", "decisions", text))
    return told
