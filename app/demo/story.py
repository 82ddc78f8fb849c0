# SPDX-License-Identifier: EUPL-1.2
"""What became of each action, by its number in the sample programme. Everything not named here is only filed."""

from workflow.stages import Decision, Stage

RETAINED, REJECTED, DEFERRED = Decision.RETAINED, Decision.REJECTED, Decision.DEFERRED
ELSEWHERE = Decision.REORIENTED

# --- the year before: renewed actions, and how far each one is
LAST_YEAR = {
    **dict.fromkeys((1, 8, 12, 17, 29, 41), Stage.CLOSED),
    **dict.fromkeys((2, 3, 9, 22, 26, 31, 38, 40), Stage.REPORTED),
    **dict.fromkeys((6, 18, 23, 25, 32, 35), Stage.CONTRACTED),
    **dict.fromkeys((19, 43), Stage.COMMITTED),
    37: Stage.CANCELLED,
}

CPO_ENDED = (2, 8, 19, 22, 26, 29, 31, 37, 40)  # covered the year before by a CPO that has ended since

PUBLISHED_LAST_YEAR = (41,)  # its convention's essential data, in time; nobody published those of the others

# --- the current year: two committees behind
FIRST_COMMITTEE = {
    **dict.fromkeys((1, 8, 12, 17, 23, 29, 35, 41, 60), RETAINED),
    **dict.fromkeys((14, 28), REJECTED),
    **dict.fromkeys((27, 33), DEFERRED),
}
SECOND_COMMITTEE = {
    **dict.fromkeys((2, 3, 9, 18, 19, 22, 26, 31, 37, 40), RETAINED),
    24: REJECTED,
    42: ELSEWHERE,
    **dict.fromkeys((11, 20), DEFERRED),
}
REORIENTED_BY_SECOND_TO = "Cités éducatives, fonds de coordination"
SENT_BACK = {
    29: "Préciser la part de Pecquencourt avant que le programme soit arrêté."
}  # by the steering committee
RESUMED_FOR_SECOND = (27,)  # deferred by the first committee, retained by the second
RECTIFIED_BY_SECOND = (28,)  # rejected by the first, retained by the second
RETURNED_TO_CONFERENCE = (33,)  # deferred by the first, discussed again
RESUMED_FOR_NEXT = (20,)  # deferred by the second, on the agenda of the next

GRANTED_ENTIRELY = (1, 8, 17)  # acts recorded, convention signed
GRANTED_LOWER = (35,)  # acts recorded, lower than retained, not yet contracted
RENOUNCED = 12

NEXT_YEAR_MADE, NEXT_YEAR_READY = (17,), (1,)  # CPO whose interim report and indicators came

# --- on the agenda of the next committee, or on the way to it
NEXT_COMMITTEE = (4, 5, 6, 10, 13, 15, 16, 25, 30, 32, 34, 38, 39, 43, 44)
IN_CONFERENCE = (45, 46, 47, 48, 49, 50, 51, 52, 69, 88)
IN_CO_INSTRUCTION = (53, 54, 55, 56, 57, 58)
DISPATCHED = (21, 59, 67)
ADMISSIBLE = (7, 36, 72, 76, 81)

NEW_ROUND = 58  # returned from the conference with a question
JUST_OPENED = (56, 57)  # opinions asked a moment ago: their messages leave when the worker starts
DENIED = {88: "departement", 48: "epci"}  # a financer says that its credit's condition is not met
ONE_HOLDER_SILENT = (47, 51)
TOO_MUCH_PROPOSED = (49, 52)  # specific credits above the remainder
NOT_PROPOSED = (50,)
# Files of beneficiaries located: in the QPV, outside, to check by reason. Confirmed, contradicted, undecided.
LOCATED: dict[int, tuple[int, int, dict[str, int]]] = {
    53: (96, 18, {"near_edge": 4, "not_geocoded": 2}),
    54: (31, 15, {"poor_type": 4}),
    55: (100, 58, {"near_edge": 31, "poor_score": 15, "not_geocoded": 6}),
}
LEAD_BECAME_CONCERNED = (30, "instruction@caf.demo", "secrétaire du conseil d’administration")

FILED_LATE = 36  # a few days after a window when one closed lately: the pilot accepts it
COMPLETED = 76  # asked for its own resources, which came
INCOMPLETE = {
    68: ["quartiers visés"],
    77: ["coût total de l’action", "budget prévisionnel"],
    83: ["budget prévisionnel", "objectifs", "statuts de l’association"],
}
INADMISSIBLE = {
    66: "Le quartier indiqué n’existe pas et le porteur n’a pas répondu.",
    80: "L’action ne répond à aucun objectif du contrat de ville.",
}
REORIENTED, REORIENTED_TO = 85, "Agence nationale du sport, équipements de proximité"
WITHDRAWN, WHY_WITHDRAWN = 86, "Le porteur reporte son projet à l’année suivante."
NEVER_SUBMITTED = (84,)  # refused: no amount at all
STILL_WRITTEN = (79,)  # registered by its porteur, not filed yet
JUST_FILED = (82, 78)  # yesterday: their acknowledgements leave when the worker starts
WITHOUT_INDIVIDUALS = 72  # the State's instructor attests whom it serves
OVERRIDDEN = 69  # the State overrides the condition of its own credit; the Région does not
SIRET_WAIVED = 64  # an association being registered
