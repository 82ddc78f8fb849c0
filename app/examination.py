# SPDX-License-Identifier: EUPL-1.2
"""What `doctor` adds to the reading of the configuration: the database's state, and with `audit` the journal's chains."""

from app.bootstrap import Application
from app.diagnosis import Diagnosis
from app.doctor import diagnose
from app.errors import DatabaseError
from app.schema import check_schema
from workflow.journal import verify_all


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
        faults = verify_all(db) if audit else []
    told = [Diagnosis("error", "journal", fault, "restaurer une sauvegarde et comparer") for fault in faults]
    if audit and not faults:
        told.append(Diagnosis("info", "journal", "toutes les chaînes et tous les sceaux sont intacts"))
    return told + found
