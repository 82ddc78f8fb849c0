# SPDX-License-Identifier: EUPL-1.2
"""What surrounds the dossiers, in French: envelopes and targets at a glance, then the analysis that the contract asks for.

Everything is `blocks`: a title, a chart, a table behind it, a list. Page and paper show them with the same few lines.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from reports.summary.drawings import (
    envelopes_chart,
    objectives_chart,
    partners_chart,
    qpv_chart,
    targets_chart,
    years_chart,
)
from reports.summary.figures import CpoBlock, EnvelopeBlock, ObjectiveBlock, ProgrammeBlock, QpvBlock
from reports.summary.indicators import indicators_block, past_block
from reports.summary.sentences import (
    count,
    cpo_ahead,
    cpo_sentence,
    cpo_verdict,
    rule_address,
    together_sentence,
)
from reports.summary.structure import Summary
from reports.summary.tables import NOTHING, Head, block, money, table
from rules import wording
from rules.money import ZERO

View = dict[str, Any]
EXTREMES = 5  # how many objectives are named as the most and the least invested


def glance_blocks(summary: Summary) -> list[View]:
    """The first page's: envelopes, then the objective on multi-year conventions."""
    blocks = [_envelopes(summary)] if summary.envelopes else []
    blocks.extend(_targets(summary, one, one.cpo) for one in summary.programmes if one.cpo is not None)
    return blocks


def _is_decided(summary: Summary) -> bool:
    return summary.header.status == "closed"


def _envelopes(summary: Summary) -> View:
    heads: list[Head] = [
        ("Crédit", False), ("Statut", False), ("Montant", True), ("Retenu", True),
        ("Retenu en séance" if _is_decided(summary) else "Proposé en séance", True),
    ]  # fmt: skip
    heads.append(("Reste après", True))
    rows = [_envelope(one, is_decided=_is_decided(summary)) for one in summary.envelopes]
    over = [rank for rank, one in enumerate(summary.envelopes) if one.after is not None and one.after < 0]
    return block(
        "Enveloppes",
        chart=envelopes_chart(summary.envelopes),
        table=table("Ce que prennent le programme et la séance sur chaque enveloppe", heads, rows, over=over),
    )


def _envelope(one: EnvelopeBlock, *, is_decided: bool) -> tuple[str, ...]:
    return (
        f"{one.label} {one.year}",
        one.status_label,
        money(one.amount),
        money(one.retained),
        money(one.seance_retained if is_decided else one.seance_proposed),
        money(one.after),
    )


def _targets(summary: Summary, programme: ProgrammeBlock, cpo: CpoBlock) -> View:
    shares: list[tuple[str, CpoBlock]] = []
    year = programme.year
    for label, blocks, wanted in (
        (f"{year - 1}", summary.last_year, year - 1),
        (f"{year} à ce jour", summary.programmes, year),
        (f"{year} avec la séance", () if _is_decided(summary) else summary.together, year),
    ):
        shares += [(label, one.cpo) for one in blocks if one.year == wanted and one.cpo]
    heads: list[Head] = [
        ("Programme", False), ("Actions", True), ("en convention", True), ("Part des actions", True),
        ("Part des montants", True), ("Objectif", True),
    ]  # fmt: skip
    rows = [
        (
            label,
            wording.number(one.actions),
            wording.number(one.cpo_actions),
            wording.percent(one.share_actions) if one.actions else NOTHING,
            wording.percent(one.share_granted) if one.granted else NOTHING,
            wording.percent(one.target) if one.target is not None else NOTHING,
        )
        for label, one in shares
    ]
    sentences = (cpo_sentence(cpo), cpo_ahead(cpo), cpo_verdict(cpo))
    return block(
        f"Conventions pluriannuelles {programme.year}",
        note=" ".join(sentence for sentence in sentences if sentence),
        chart=targets_chart(year, [one for one in shares if one[1].actions]),
        table=table("Actions et montants en convention pluriannuelle d’objectifs", heads, rows),
    )


def analysis_sections(summary: Summary, base: str | None) -> list[View]:
    """After the dossiers: comparisons, partners, evolution, then each year's neighbourhoods, objectives and leads."""
    compared = [*(indicators_block(summary, year) for year in summary.header.years), past_block(summary)]
    common = [_partners(summary), _years(summary)]
    sections = [
        _section("Comparaisons", [one for one in compared if one]),
        _section("Partenaires et années", [one for one in common if one]),
    ]
    sections.extend(_year(summary, programme, base) for programme in summary.programmes)
    return [one for one in sections if one["blocks"] or one["findings"]]


def _section(title: str, blocks: list[View], findings: Sequence[View] = ()) -> View:
    return {"title": title, "blocks": blocks, "findings": list(findings)}


def _partners(summary: Summary) -> View | None:
    if not summary.partners:
        return None
    years = summary.header.years
    now, before = (wording.listing(str(year - ago) for year in years) for ago in (0, 1))
    heads: list[Head] = [
        ("Partenaire", False), ("Sollicité", True), ("Sans réponse", True), ("Refus", True),
        ("Obtenu", True), ("En nature", True), (f"Programme {now}", True), (before, True),
    ]  # fmt: skip
    rows = [
        (
            one.label,
            wording.number(one.asked),
            wording.number(one.unanswered),
            wording.number(one.declined),
            money(one.obtained),
            money(one.in_kind),
            money(one.programme),
            money(one.last_year),
        )
        for one in summary.partners
    ]
    law, partners = summary.totals.ordinary_law, summary.partners
    known = [one.last_year for one in partners if one.last_year is not None]
    total = (
        "Total",
        wording.number(sum(one.asked for one in partners)),
        wording.number(sum(one.unanswered for one in partners)),
        wording.number(sum(one.declined for one in partners)),
        money(law.obtained),
        money(law.in_kind),
        money(sum((one.programme for one in partners), ZERO)),
        money(sum(known, ZERO) if known else None),
    )
    return block(
        "Droit commun obtenu par partenaire",
        note="Réponses sur les dossiers de la séance, puis montants du programme de l’année et de la précédente.",
        chart=partners_chart(partners),
        table=table("Droit commun par partenaire", heads, rows, total=total),
    )


def _years(summary: Summary) -> View | None:
    if len(summary.years) < 2:
        return None
    heads: list[Head] = [
        ("Année", False), ("Actions", True), ("Accordé ou retenu", True), ("dont droit commun", True),
        ("Proposé par la séance", True), ("Prévu en convention", True),
    ]  # fmt: skip
    rows = [
        (
            str(one.year),
            wording.number(one.actions),
            money(one.granted),
            money(one.ordinary),
            money(one.proposed or None),
            f"{money(one.forecast)} ({count(one.forecast_actions, 'action')})" if one.forecast else NOTHING,
        )
        for one in summary.years
    ]
    promised = any(one.forecast for one in summary.years)
    return block(
        "Évolution des financements",
        note="Les montants prévus en convention le sont sous réserve du vote des crédits."
        if promised
        else "",
        chart=years_chart(summary.years),
        table=table("Financements du contrat, année par année", heads, rows),
    )


def _year(summary: Summary, programme: ProgrammeBlock, base: str | None) -> View:
    # Frozen at closing, the agenda is still that of the proposals: only the programme as it stands is then told.
    asked = () if _is_decided(summary) else summary.together
    whole = _of_year(asked, programme.year) or programme
    agenda = _of_year(summary.agenda, programme.year) or replace(
        programme, qpv=(), objectives=(), together=()
    )
    found = [*_qpv(summary, whole, programme, agenda), *_objectives(whole, programme), *_leads(programme)]
    findings = [
        {"message": finding.message, "page": rule_address(finding.rule, base)}
        for finding in programme.findings
    ]
    return _section(f"Le programme {programme.year}", found, findings)


def _of_year(blocks: Iterable[ProgrammeBlock], year: int) -> ProgrammeBlock | None:
    return next((one for one in blocks if one.year == year), None)


def _qpv(
    summary: Summary, whole: ProgrammeBlock, programme: ProgrammeBlock, agenda: ProgrammeBlock
) -> Iterable[View]:
    """Without any action its rows would all be zero, so it is left out."""
    if not whole.actions or not whole.qpv:
        return
    now, added = ({row.code: row for row in one.qpv} for one in (programme, agenda))
    heads: list[Head] = [
        ("Quartier", False), ("Habitants", True), ("Actions", True), ("Programme à ce jour", True),
        ("Proposé en séance", True), ("Par habitant", True),
    ]  # fmt: skip
    rows = [
        (
            f"{row.label} ({row.code})" if row.label != row.code else row.code,
            NOTHING if row.population is None else wording.number(row.population),
            wording.number(row.actions),
            money(_amount(now, row.code)),
            money(_amount(added, row.code)),
            money(row.per_resident),
        )
        for row in whole.qpv
    ]
    before = [(row, _per_resident(now.get(row.code))) for row in whole.qpv]
    share = wording.percent(whole.qpv_share)
    yield block(
        "Couverture des quartiers prioritaires",
        note=f"{share} des montants vont à un quartier prioritaire. «\u00a0Par habitant\u00a0» compte aussi ce que propose la séance."
        if not _is_decided(summary)
        else f"{share} des montants vont à un quartier prioritaire.",
        chart=qpv_chart(programme.year, before),
        table=table("Montants par quartier prioritaire", heads, rows),
    )


def _amount(rows: dict[str, QpvBlock], code: str) -> Decimal:
    return rows[code].amount if code in rows else ZERO


def _per_resident(row: QpvBlock | None) -> Decimal:
    return row.per_resident if row and row.per_resident is not None else ZERO


def _objectives(whole: ProgrammeBlock, programme: ProgrammeBlock) -> Iterable[View]:
    ahead = "Total" if whole is programme else "Avec la séance"
    if not whole.actions or not whole.objectives:
        return
    most = whole.objectives[:EXTREMES]
    least = tuple(reversed(whole.objectives[EXTREMES:][-EXTREMES:]))
    now = {row.code: row.amount for row in programme.objectives}
    yield block(
        "Objectifs les plus investis",
        chart=objectives_chart(
            programme.year, [(row, now.get(row.code, ZERO)) for row in most if row.amount]
        ),
        table=_objective_table("Les plus investis", most, now, ahead),
    )
    if least:
        yield block(
            "Objectifs les moins investis", table=_objective_table("Les moins investis", least, now, ahead)
        )


def _objective_table(
    caption: str, rows: Iterable[ObjectiveBlock], now: dict[str, Decimal], ahead: str
) -> View:
    heads: list[Head] = [
        ("Objectif", False), ("Actions", True), ("Programme à ce jour", True), (ahead, True),
    ]  # fmt: skip
    shown = [
        (
            f"{row.code} {row.label}" if row.label != row.code else row.code,
            wording.number(row.actions),
            money(now.get(row.code, ZERO)),
            money(row.amount),
        )
        for row in rows
    ]
    return table(caption, heads, shown)


def _leads(programme: ProgrammeBlock) -> Iterable[View]:
    """Complementarities, and the poches."""
    if programme.together:
        yield block(
            "Actions à rapprocher",
            note="Même quartier, même thème, même public\u00a0; les premiers groupes.",
            items=[together_sentence(one) for one in programme.together],
        )
    found = programme.poches
    if found is not None:
        cap = (
            "plafond non renseigné"
            if found.cap is None
            else f"plafond{wording.NBSP}: {wording.euros(found.cap)}"
        )
        unknown = count(
            found.unknown_actions,
            "action dont la part n’est pas connue",
            "actions dont la part n’est pas connue",
        )
        more = f", {wording.euros(found.at_most)} au plus avec {unknown}" if found.unknown_actions else ""
        yield block(
            "Poches de pauvreté",
            note=f"{wording.euros(found.contribution)} de crédits spécifiques de l’État pour les habitants des "
            f"{count(found.poches, 'poche retenue', 'poches retenues')}{more} ({cap}).",
        )
