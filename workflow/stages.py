# SPDX-License-Identifier: EUPL-1.2
"""The words of the four machines: stages, states, roles, and the one French label of each."""

from enum import StrEnum


class Stage(StrEnum):
    """Where a dossier stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    INCOMPLETE = "incomplete"
    ADMISSIBLE = "admissible"
    INADMISSIBLE = "inadmissible"
    DISPATCHED = "dispatched"
    CO_INSTRUCTION = "co_instruction"
    FINANCERS_CONFERENCE = "financers_conference"
    COMMITMENT = "commitment"
    DEFERRED = "deferred"
    COMMITTED = "committed"
    REJECTED = "rejected"
    REORIENTED = "reoriented"
    CONTRACTED = "contracted"
    REPORTED = "reported"
    CLOSED = "closed"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"


class LineState(StrEnum):
    """Where a financer stands on its own line."""

    NOT_ASKED = "not_asked"
    ASKED = "asked"
    INDICATIVE = "indicative"
    FIRM = "firm"
    IN_KIND = "in_kind"
    DECLINED = "declined"
    NOT_CONCERNED = "not_concerned"
    NO_REPLY = "no_reply"
    INELIGIBLE = "ineligible"
    RETAINED = "retained"
    GRANTED = "granted"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class OpinionState(StrEnum):
    """Where a consulted partner's opinion stands; late is derived from the due date."""

    REQUESTED = "requested"
    GIVEN = "given"
    CANCELLED = "cancelled"


class OpinionValue(StrEnum):
    """What a partner thinks of the action."""

    FAVOURABLE = "favourable"
    FAVOURABLE_WITH_RESERVATIONS = "favourable_with_reservations"
    UNFAVOURABLE = "unfavourable"
    NO_OPINION = "no_opinion"


class SeanceStatus(StrEnum):
    """Where a séance stands."""

    PLANNED = "planned"
    CONVOKED = "convoked"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


SEANCE_OVER = frozenset({SeanceStatus.CLOSED, SeanceStatus.CANCELLED})


class Decision(StrEnum):
    """What a séance decides on one item of its agenda: a committee the first four, a steering committee the last two."""

    RETAINED = "retained"
    REJECTED = "rejected"
    DEFERRED = "deferred"
    REORIENTED = "reoriented"
    VALIDATED = "validated"
    SENT_BACK = "sent_back"


class Role(StrEnum):
    """What a mandate lets a person do. `LEAD_INSTRUCTOR` is an instructor named on the dossier itself."""

    ADMINISTRATOR = "administrator"
    PILOT = "pilot"
    SECRETARY = "secretary"
    INSTRUCTOR = "instructor"
    LEAD_INSTRUCTOR = "lead_instructor"
    FINANCER = "financer"
    MEMBER = "member"
    CITIZEN_COUNCIL = "citizen_council"
    PORTEUR = "porteur"
    SYSTEM = "system"


STAGE_LABELS: dict[Stage, str] = {
    Stage.DRAFT: "Brouillon",
    Stage.SUBMITTED: "Déposé",
    Stage.INCOMPLETE: "À compléter",
    Stage.ADMISSIBLE: "Recevable",
    Stage.INADMISSIBLE: "Irrecevable",
    Stage.DISPATCHED: "Réparti",
    Stage.CO_INSTRUCTION: "Co-instruction",
    Stage.FINANCERS_CONFERENCE: "Conférence des financeurs",
    Stage.COMMITMENT: "Comité d’engagement",
    Stage.DEFERRED: "Ajourné",
    Stage.COMMITTED: "Retenu",
    Stage.REJECTED: "Non retenu",
    Stage.REORIENTED: "Réorienté",
    Stage.CONTRACTED: "Conventionné",
    Stage.REPORTED: "Bilan remis",
    Stage.CLOSED: "Clos",
    Stage.CANCELLED: "Annulé",
    Stage.WITHDRAWN: "Retiré",
}

LINE_LABELS: dict[LineState, str] = {
    LineState.NOT_ASKED: "non sollicité",
    LineState.ASKED: "sollicité",
    LineState.INDICATIVE: "montant indicatif",
    LineState.FIRM: "montant ferme",
    LineState.IN_KIND: "contribution en nature",
    LineState.DECLINED: "refus motivé",
    LineState.NOT_CONCERNED: "non concerné",
    LineState.NO_REPLY: "sans réponse",
    LineState.INELIGIBLE: "inéligible",
    LineState.RETAINED: "retenu",
    LineState.GRANTED: "accordé",
    LineState.REFUSED: "refusé",
    LineState.CANCELLED: "annulé",
}

OPINION_STATE_LABELS: dict[OpinionState, str] = {
    OpinionState.REQUESTED: "demandé",
    OpinionState.GIVEN: "rendu",
    OpinionState.CANCELLED: "annulé",
}

OPINION_LABELS: dict[OpinionValue, str] = {
    OpinionValue.FAVOURABLE: "favorable",
    OpinionValue.FAVOURABLE_WITH_RESERVATIONS: "favorable avec réserves",
    OpinionValue.UNFAVOURABLE: "défavorable",
    OpinionValue.NO_OPINION: "sans avis",
}

SEANCE_LABELS: dict[SeanceStatus, str] = {
    SeanceStatus.PLANNED: "prévue",
    SeanceStatus.CONVOKED: "convoquée",
    SeanceStatus.OPEN: "ouverte",
    SeanceStatus.CLOSED: "close",
    SeanceStatus.CANCELLED: "annulée",
}

# How somebody called was there; `left`: was there, and left before the end.
PRESENCE_LABELS: dict[str, str] = {
    "present": "présent",
    "remote": "à distance",
    "represented": "représenté",
    "absent": "absent",
    "left": "parti en cours de séance",
}
# How a séance is held; a written one has no meeting, its date is the last day to answer.
MODE_LABELS: dict[str, str] = {"meeting": "réunion", "remote": "à distance", "written": "par écrit"}

DECISION_LABELS: dict[Decision, str] = {
    Decision.RETAINED: "retenu",
    Decision.REJECTED: "non retenu",
    Decision.DEFERRED: "ajourné",
    Decision.REORIENTED: "réorienté",
    Decision.VALIDATED: "validé",
    Decision.SENT_BACK: "renvoyé",
}

# What minutes say of an item: its decision, or that it was only reported; nothing decided.
FOR_INFORMATION = "for_information"
MINUTED_LABELS: dict[str | None, str] = {
    None: "non décidé",
    FOR_INFORMATION: "pour information",
    **{str(key): label for key, label in DECISION_LABELS.items()},
}

ROLE_LABELS: dict[Role, str] = {
    Role.ADMINISTRATOR: "administrateur",
    Role.PILOT: "pilote du contrat",
    Role.SECRETARY: "secrétaire d’instance",
    Role.INSTRUCTOR: "instructeur",
    Role.LEAD_INSTRUCTOR: "instructeur chef de file",
    Role.FINANCER: "financeur",
    Role.MEMBER: "membre d’instance",
    Role.CITIZEN_COUNCIL: "conseil citoyen",
    Role.PORTEUR: "porteur",
    Role.SYSTEM: "système",
}

# Labels of each machine's states, by the name of its table and the state's value.
STATE_LABELS: dict[str, dict[str, str]] = {
    "dossier": {str(key): label for key, label in STAGE_LABELS.items()},
    "line": {str(key): label for key, label in LINE_LABELS.items()},
    "opinion": {str(key): label for key, label in OPINION_STATE_LABELS.items()},
    "seance": {str(key): label for key, label in SEANCE_LABELS.items()},
}

# The phases of the board, each with its stages; a stage is in one phase only.
PHASES: tuple[tuple[str, tuple[Stage, ...]], ...] = (
    ("Dépôt", (Stage.DRAFT, Stage.SUBMITTED, Stage.INCOMPLETE)),
    ("Répartition", (Stage.ADMISSIBLE, Stage.DISPATCHED)),
    ("Co-instruction", (Stage.CO_INSTRUCTION,)),
    ("Conférence", (Stage.FINANCERS_CONFERENCE,)),
    ("Comité", (Stage.COMMITMENT, Stage.DEFERRED)),
    ("Suivi", (Stage.COMMITTED, Stage.CONTRACTED, Stage.REPORTED, Stage.CLOSED)),
    ("Sortis", (Stage.INADMISSIBLE, Stage.REJECTED, Stage.REORIENTED, Stage.WITHDRAWN, Stage.CANCELLED)),
)

# Named groups of stages, used by queries, guards and screens.
OPEN_STAGES: frozenset[Stage] = frozenset(
    {
        Stage.SUBMITTED,
        Stage.INCOMPLETE,
        Stage.ADMISSIBLE,
        Stage.DISPATCHED,
        Stage.CO_INSTRUCTION,
        Stage.FINANCERS_CONFERENCE,
        Stage.COMMITMENT,
        Stage.DEFERRED,
    }
)
NOT_YET_DISPATCHED: frozenset[Stage] = frozenset(
    {Stage.DRAFT, Stage.SUBMITTED, Stage.INCOMPLETE, Stage.ADMISSIBLE}
)
FUNDED_STAGES: frozenset[Stage] = frozenset({Stage.COMMITTED, Stage.CONTRACTED, Stage.REPORTED, Stage.CLOSED})
