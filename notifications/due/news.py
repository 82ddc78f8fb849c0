# SPDX-License-Identifier: EUPL-1.2
"""News of a dossier for whoever leads or follows it: told in the digest of the day, unless the person no longer wants them."""

from collections.abc import Mapping

LATE, DECISIONS, THREAD = "late", "decisions", "thread"

# What a person may mute; what is awaited of them is never among it.
TOPICS: Mapping[str, str] = {
    DECISIONS: "Décisions des comités et des financeurs sur les dossiers que vous instruisez",
    LATE: "Avis en retard sur les dossiers que vous instruisez",
    THREAD: "Messages du porteur et notes internes sur les dossiers que vous suivez",
}

# The kind of news: its topic and its sentence.
NEWS: Mapping[str, tuple[str, str]] = {
    "news_commit": (DECISIONS, "retenu par le comité, sous réserve de la décision de chaque financeur"),
    "news_reject": (DECISIONS, "non retenu par le comité"),
    "news_defer": (DECISIONS, "ajourné par le comité"),
    "news_grant": (DECISIONS, "acte d’un financeur enregistré"),
    "news_opinion_late": (LATE, "un avis demandé est en retard"),
    "news_from_porteur": (THREAD, "le porteur a écrit dans le fil des échanges"),
    "news_internal": (THREAD, "une note interne a été écrite dans le fil des échanges"),
}

# The events that are news.
BY_EVENT: Mapping[str, str] = {
    "dossier.commit": "news_commit",
    "dossier.reject": "news_reject",
    "dossier.defer": "news_defer",
    "line.grant": "news_grant",
    "exchange.from_porteur": "news_from_porteur",
    "exchange.internal": "news_internal",
}


def topic_of(kind: str) -> str | None:
    """The topic of a kind of news; None for what cannot be muted."""
    found = NEWS.get(kind)
    return found[0] if found else None
