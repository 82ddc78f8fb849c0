# SPDX-License-Identifier: EUPL-1.2
"""From a séance to its summary: one pass over loaded rows, a constant number of queries, no rule."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from reports.summary.digest import digest_of
from reports.summary.prepare_comparison import adopted_block, partner_blocks, past_seance_block, year_blocks
from reports.summary.prepare_dossier import Reading, dossier_block
from reports.summary.prepare_programme import YearFigures, envelope_blocks, on_credits
from reports.summary.structure import DossierBlock, Header, OrdinaryLaw, Summary, Totals
from reports.summary.words import words_of
from rules.findings import Settlement
from rules.money import total
from rules.wording import PARIS
from workflow.contracts import territory_of
from workflow.examination import examined
from workflow.firing import Examined
from workflow.models import Seance
from workflow.queries import get_seance
from workflow.queries_comparison import adopted_scenario, past_seance
from workflow.queries_summary import examine_year, granted_by_action, granted_by_siren, persons_to_leave
from workflow.stages import SEANCE_LABELS, OpinionValue, SeanceStatus

SPECIFIC = ":specifique"


def prepare(db: Session, seance: Seance | int, now: datetime) -> Summary:
    """The summary of this séance as known at `now`. Raises UnknownReferenceError."""
    summary = gather(db, seance, now)
    return replace(summary, header=replace(summary.header, digest=digest_of(summary)))


def gather(
    db: Session, seance: Seance | int, now: datetime, examined_before: Examined | None = None
) -> Summary:
    """The same without its digest. `examined_before`: its dossiers as just examined in this transaction, not to do it twice."""
    if isinstance(seance, int) or examined_before is None:  # a closing's guards have just read all of it
        seance = get_seance(db, seance if isinstance(seance, int) else seance.id)
    reading = _read(db, seance, now, examined_before)
    blocks = tuple(dossier_block(item, reading) for item in seance.items)
    years = tuple(sorted({block.year for block in blocks})) or (seance.starts_at.astimezone(PARIS).year,)
    read = [examine_year(db, seance, year, now) for year in years]
    figures = YearFigures.of(read, territory_of(seance.contract), reading.words)
    return Summary(
        header=_header(seance, years, now),
        totals=_totals(blocks, reading),
        dossiers=blocks,
        envelopes=envelope_blocks(
            (one.programme for one in read), reading.words, on_credits(seance.items, blocks)
        ),
        agenda=figures.agenda if blocks else (),
        programmes=figures.programmes,
        together=figures.together if blocks else (),
        last_year=figures.last_year,
        partners=partner_blocks(blocks, read, reading.words),
        years=year_blocks(db, seance.contract, read),
        adopted=adopted_block(adopted_scenario(db, seance)),
        past_seance=past_seance_block(past_seance(db, seance)),
    )


def _read(db: Session, seance: Seance, now: datetime, examined_before: Examined | None) -> Reading:
    """Everything the blocks need, in bulk: the findings' loader completes the dossiers already loaded."""
    dossiers = [item.dossier for item in seance.items]
    on: date = now.astimezone(PARIS).date()
    return Reading(
        on=on,
        words=words_of(territory_of(seance.contract)),
        examined=examined_before or examined(db, dossiers, now),
        by_action=granted_by_action(db, dossiers),
        by_siren=granted_by_siren(db, seance.contract, dossiers),
        leaving=persons_to_leave(seance, on),
    )


def _header(seance: Seance, years: tuple[int, ...], now: datetime) -> Header:
    body = territory_of(seance.contract).body_by_code.get(seance.body)
    return Header(
        contract=seance.contract.label,
        contract_code=seance.contract.code,
        seance_id=seance.id,
        body=body.label if body else seance.body,
        label=seance.label,
        starts_at=seance.starts_at,
        place=seance.place,
        status=seance.status,
        status_label=SEANCE_LABELS[SeanceStatus(seance.status)],
        prepared_at=now,
        years=years,
    )


def _totals(blocks: tuple[DossierBlock, ...], reading: Reading) -> Totals:
    lines = [line for block in blocks for line in block.lines]
    opinions = [block.synthesis.opinion if block.synthesis else None for block in blocks]
    return Totals(
        dossiers=len(blocks),
        blocked=sum(block.is_blocked for block in blocks),
        with_reservations=opinions.count(OpinionValue.FAVOURABLE_WITH_RESERVATIONS),
        unfavourable=opinions.count(OpinionValue.UNFAVOURABLE),
        late_opinions=sum(opinion.is_late for block in blocks for opinion in block.opinions),
        recusals=sum(len(block.recusals) for block in blocks),
        total_cost=total(block.total_cost for block in blocks),
        requested=total(line.requested for line in lines),
        proposed=total(line.proposed for line in lines),
        retained=total(line.retained for line in lines),
        granted_last_year=_last_year(blocks, reading),
        specific_proposed=total(line.proposed for line in lines if line.key.endswith(SPECIFIC)),
        ordinary_law=_ordinary_law(blocks),
        overrides=sum(one.kind == Settlement.OVERRIDDEN for block in blocks for one in block.settlements),
    )


def _last_year(blocks: Iterable[DossierBlock], reading: Reading) -> Decimal:
    """What is known of N-1: the same actions' dossiers, and each porteur's awards once, however many dossiers it has."""
    by_award: dict[tuple[str | None, int, str], Decimal] = {}
    amounts: list[Decimal | None] = []
    for block in blocks:
        for line in block.lines:
            if line.last_year_source == "awards" and line.granted_last_year is not None:
                by_award[(block.porteur_siret or "")[:9], block.year, line.key] = line.granted_last_year
            else:
                amounts.append(line.granted_last_year)
    return total([*amounts, *by_award.values()])


def _ordinary_law(blocks: Iterable[DossierBlock]) -> OrdinaryLaw:
    laws = [block.ordinary_law for block in blocks]
    return OrdinaryLaw(
        obtained=total(law.obtained for law in laws),
        in_kind=total(law.in_kind for law in laws),
        obtained_lines=tuple(name for law in laws for name in law.obtained_lines),
        declined_lines=tuple(name for law in laws for name in law.declined_lines),
        not_concerned_lines=tuple(name for law in laws for name in law.not_concerned_lines),
        unanswered_lines=tuple(name for law in laws for name in law.unanswered_lines),
    )
