# SPDX-License-Identifier: EUPL-1.2
"""The day of one person as sections of lines: what, on which dossier, since or until when, and the place to do it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from notifications.catalogue import KINDS
from rules import wording
from web.presenters.called import ANSWER_TONES, answer_told
from web.presenters.stages import seance_tone
from workflow.answer_links import make_token
from workflow.firing import PARIS
from workflow.invitations import due_on
from workflow.models import Convocation, Seance
from workflow.my_day import MyDay
from workflow.queries_day import Led, Pile, Thing
from workflow.stages import SEANCE_LABELS, SeanceStatus, Stage

Line = dict[str, Any]
# Of each pile: its anchor, its title, what each line asks for, where it is done, where the whole list is.
HEADS: dict[str, tuple[str, str]] = {
    "opinions": ("avis-a-rendre", "Avis à rendre"),
    "answers": ("reponses", "Réponses de droit commun à donner"),
    "led": ("chef-de-file", "Dossiers dont je suis chef de file"),
    "received": ("recevabilite", "Recevabilité à examiner"),
    "to_dispatch": ("repartition", "Dossiers à répartir"),
    "to_commitment": ("conference", "Réponses complètes, à envoyer au comité"),
    "acts": ("actes", "Actes des financeurs à enregistrer"),
    "conventions": ("conventions", "Conventions à enregistrer"),
    "completions": ("complements", "Pièces demandées aux porteurs"),
    "reports": ("bilans", "Bilans dus par les porteurs"),
    "filed": ("bilans-remis", "Bilans remis, à lire"),
    "letters": ("courriers", "Courriers à relire et à libérer"),
    "failures": ("echecs", "Messages en échec"),
}
# Of one thing alone, when the title does not say it already.
ALONE = {
    "answers": "Réponse de droit commun à donner",
    "led": "Dossier dont je suis chef de file",
    "to_dispatch": "Dossier à répartir",
    "to_commitment": "Réponses complètes, à envoyer au comité",
    "acts": "Acte de financeur à enregistrer",
    "conventions": "Convention à enregistrer",
    "reports": "Bilan dû par un porteur",
    "letters": "Courrier à relire et à libérer",
    "failures": "Message en échec",
}
WHOLE = {
    "opinions": "/avis",
    "answers": "/reponses",
    "acts": "/actes",
    "received": "/dossiers?etape=submitted&vue=tableau&annee=toutes",
    "to_dispatch": "/dossiers?etape=admissible&vue=tableau&annee=toutes",
    "to_commitment": "/dossiers?etape=financers_conference&vue=tableau&annee=toutes",
    "completions": "/dossiers?etape=incomplete&vue=tableau&annee=toutes",
    "reports": "/dossiers?etape=contracted&vue=tableau&annee=toutes",
    "filed": "/dossiers?etape=reported&vue=tableau&annee=toutes",
    "letters": "/messages?etat=draft",
    "failures": "/messages?etat=failed",
}

LED = "/dossiers?instructeur={}&vue=tableau&annee=toutes"


def day_view(day: MyDay, person_id: int | None, now: datetime, key: bytes | None) -> dict[str, Any]:
    """What the page shows: the sections with something in them, those with late lines first."""
    today = now.astimezone(PARIS).date()
    sections = [_section(name, pile, today, person_id) for name, pile in day.piles.items() if pile.total]
    kept, closed = (
        [
            _kept(s, number, today, now)
            for s, number in day.kept
            if (s.status == SeanceStatus.CLOSED) is is_closed
        ]
        for is_closed in (False, True)
    )
    if kept:
        late = sum(line["is_late"] for line in kept)
        sections.insert(0, _whole("seances", "Séances à convoquer, tenir ou clore", kept, len(kept), late))
    if closed:
        sections.append(_whole("releves", "Relevés de décisions à diffuser", closed, len(closed), 0))
    return {
        "sections": sorted(sections, key=lambda section: section["late"] == 0),
        "called": [_called(one, now, key) for one in day.called],
        "total": sum(section["total"] for section in sections),
        "late": sum(section["late"] for section in sections),
        "today": today,
    }


def _section(name: str, pile: Pile, today: date, person_id: int | None) -> dict[str, Any]:
    anchor, title = HEADS[name]
    title = ALONE.get(name, title) if pile.total == 1 else title
    lines = [_LINES[name](shown, today) for shown in pile.shown]
    whole = LED.format(person_id) if name == "led" else WHOLE.get(name, "")
    return _whole(anchor, title, lines, pile.total, pile.late, whole)


def _whole(
    anchor: str, title: str, lines: Sequence[Line], total: int, late: int, whole: str = ""
) -> dict[str, Any]:
    more = total - len(lines)
    return {
        "id": anchor,
        "title": title,
        "lines": lines,
        "total": total,
        "late": late,
        "more": more,
        "whole": whole if more > 0 else "",
    }


def _line(
    what: str, link: str, when: str, *, about: Sequence[str] = ("", ""), is_late: bool = False, note: str = ""
) -> Line:
    return {
        "what": what,
        "link": link,
        "reference": about[0],
        "title": about[1],
        "when": when,
        "is_late": is_late,
        "note": note,
    }


def _until(due: date | None, today: date) -> tuple[str, bool]:
    """« en retard de 4 jours », « pour aujourd’hui », « pour le 3 mars 2026 »."""
    if due is None:
        return "", False
    days = (today - due).days
    if days > 0:
        return f"en retard de {days} jour{'s' if days > 1 else ''}", True
    return ("pour aujourd’hui" if days == 0 else f"pour le {wording.day(due)}"), False


def _since(at: datetime | date | None) -> str:
    if at is None:
        return ""
    on = at.astimezone(PARIS).date() if isinstance(at, datetime) else at
    return f"depuis le {wording.day(on)}"


def _awaiting(what: Callable[[Thing], str], link: Callable[[Thing], str]) -> Callable[[Thing, date], Line]:
    """A line with its date: late, due, or since when it waits."""

    def line(thing: Thing, today: date) -> Line:
        when, is_late = _until(thing.due_on, today)
        return _line(
            what(thing),
            link(thing),
            when or _since(thing.since),
            about=(thing.reference, thing.title),
            is_late=is_late,
        )

    return line


def _standing(what: Callable[[Thing], str]) -> Callable[[Thing, date], Line]:
    """A line that waits since a day, on the dossier's acts."""

    def line(thing: Thing, today: date) -> Line:
        link = f"/dossiers/{thing.dossier_id}#actions"
        return _line(what(thing), link, _since(thing.since), about=(thing.reference, thing.title))

    return line


def _received(shown: tuple[Thing, bool], today: date) -> Line:
    thing, is_completed = shown
    what = "Compléments reçus, à examiner" if is_completed else f"Demande de {thing.who}, à examiner"
    return _standing(lambda _: what)(thing, today)


def _letter(row: Any, _today: date) -> Line:
    return _message(row, f"/messages/{row.id}", f"pour {row.recipient}")


def _failure(row: Any, _today: date) -> Line:
    return _message(row, "/messages?etat=failed", f"à {row.recipient}")


def _message(row: Any, link: str, note: str) -> Line:
    """The action it is about, when it is about one; its own title then repeats the reference."""
    what = KINDS[row.kind].label if row.action and row.kind in KINDS else row.title
    return _line(what, link, _since(row.created_at), about=(row.reference, row.action), note=note)


def _led(led: Led, today: date) -> Line:
    when, is_late = _until(led.due_on, today)
    what, place = _waits(led)
    told = when if led.due_on else _since(led.stage_since)
    about = (led.reference, led.title)
    return _line(what, f"/dossiers/{led.id}{place}", told, about=about, is_late=is_late)


def _waits(led: Led) -> tuple[str, str]:
    """What a dossier waits for, in one sentence, and where under its address."""
    stage = Stage(led.stage)
    if led.missing:
        return _missing(led), "/avis" if stage is Stage.CO_INSTRUCTION else "#financement"
    if stage is Stage.CO_INSTRUCTION:
        if led.has_synthesis:
            return "Avis et synthèse sont là : à envoyer en conférence des financeurs", "#actions"
        return "Tous les avis sont là : synthèse à écrire", "/avis#synthese"
    if stage is Stage.COMMITMENT and led.seance_at is not None:
        return f"Attend le comité du {wording.day(led.seance_at.astimezone(PARIS).date())}", "#actions"
    return _STANDING[stage], "#actions"


def _missing(led: Led) -> str:
    is_opinion = led.stage == Stage.CO_INSTRUCTION
    one, several = ("avis", "avis") if is_opinion else ("réponse", "réponses")
    names = wording.listing(led.missing)
    if len(led.missing) == 1:
        article = "qu’un" if is_opinion else "qu’une"
        return f"Il ne manque {article} {one}\u00a0: {names}"
    return f"Il manque {len(led.missing)} {several}\u00a0: {names}"


_STANDING: dict[Stage, str] = {
    Stage.SUBMITTED: "Recevabilité à examiner",
    Stage.INCOMPLETE: "Attend les pièces du porteur",
    Stage.ADMISSIBLE: "Attend la réunion de répartition",
    Stage.DISPATCHED: "Co-instruction à ouvrir",
    Stage.FINANCERS_CONFERENCE: "Les réponses sont là : au secrétariat d’envoyer au comité",
    Stage.COMMITMENT: "Attend d’être inscrit à l’ordre du jour d’un comité",
    Stage.DEFERRED: "Ajourné : attend sa reprise au comité",
}
_LINES: dict[str, Callable[[Any, date], Line]] = {
    "opinions": _awaiting(
        lambda t: f"Avis demandé à {t.who}", lambda t: f"/dossiers/{t.dossier_id}/avis/{t.id}"
    ),
    "answers": _awaiting(
        lambda t: f"Réponse demandée à {t.who}", lambda t: f"/dossiers/{t.dossier_id}/lignes/{t.id}#reponse"
    ),
    "led": _led,
    "received": _received,
    "to_dispatch": _standing(lambda t: f"Demande recevable de {t.who}, à répartir"),
    "to_commitment": _standing(lambda _: "Toutes les réponses sont là"),
    "acts": _awaiting(
        lambda t: f"Acte attendu\u00a0: {t.who}", lambda t: f"/dossiers/{t.dossier_id}/lignes/{t.id}"
    ),
    "conventions": _standing(lambda t: f"Actes enregistrés, à conventionner avec {t.who}"),
    "completions": _awaiting(
        lambda t: f"Pièces attendues de {t.who}", lambda t: f"/dossiers/{t.dossier_id}#completion"
    ),
    "reports": _awaiting(
        lambda t: f"Bilan attendu de {t.who}", lambda t: f"/dossiers/{t.dossier_id}#actions"
    ),
    "filed": _awaiting(lambda t: f"Bilan remis par {t.who}", lambda t: f"/dossiers/{t.dossier_id}/bilan"),
    "letters": _letter,
    "failures": _failure,
}


def _kept(seance: Seance, number: int, today: date, now: datetime) -> Line:
    """What a séance asks of its secretary."""
    said = {
        SeanceStatus.OPEN: "Séance ouverte, à clore",
        SeanceStatus.CLOSED: "Relevé de décisions à diffuser",
    }.get(SeanceStatus(seance.status), "")
    is_late, held = False, f"le {wording.moment(seance.starts_at)}"
    if not said:
        is_late = seance.starts_at < now
        said = "Date passée, à tenir ou à annuler" if is_late else "Convoquée, à tenir"
    if seance.status == SeanceStatus.PLANNED and not is_late:
        last = due_on(seance)
        when, is_late = _until(last, today)
        said = f"À convoquer{' (' + when + ')' if is_late else f' avant le {wording.day(last)}'}"
    counted = f"{number} dossier{'s' if number > 1 else ''} à l’ordre du jour"
    return _line(said, f"/seances/{seance.id}", held, is_late=is_late, about=("", seance.label), note=counted)


def _called(one: Convocation, now: datetime, key: bytes | None) -> dict[str, Any]:
    """A séance one is called to, and the place to answer."""
    seance = one.seance
    can_answer = key is not None and seance.status == SeanceStatus.CONVOKED and seance.starts_at > now
    return {
        "seance": seance,
        "status": SEANCE_LABELS[SeanceStatus(seance.status)],
        "tone": seance_tone(seance.status),
        "is_guest": not one.is_member,
        "answer": answer_told(one) if one.answer else "",
        "answer_tone": ANSWER_TONES.get(one.answer or "", "wait"),
        "link": f"/reponse/{make_token(key, one)}" if can_answer and key is not None else "",
    }
