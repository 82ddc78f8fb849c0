# SPDX-License-Identifier: EUPL-1.2
"""A summary written by hand, for the writers' tests: every block present, hostile texts, as many dossiers as wanted."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from reports.summary.digest import digest_of
from reports.summary.figures import (
    AdoptedBlock,
    ContinuityBlock,
    CpoBlock,
    EnvelopeBlock,
    FindingBlock,
    LeverageBlock,
    ObjectiveBlock,
    PartnerBlock,
    PastSeanceBlock,
    PochesBlock,
    ProgrammeBlock,
    QpvBlock,
    TogetherBlock,
    YearBlock,
)
from reports.summary.structure import (
    CriterionBlock,
    DossierBlock,
    FundingBlock,
    Header,
    Named,
    OpinionBlock,
    OrdinaryLaw,
    RecusalBlock,
    SettlementBlock,
    SuggestedAmount,
    Summary,
    SynthesisBlock,
    Totals,
)

ZERO = Decimal(0)
NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FORMULA = '=HYPERLINK("http://exemple.test")'
MARKUP = "<b>Ateliers</b> & #strong[danse] $x$"
LONG_NAME = "Association intercommunale pour le développement social et culturel des habitants " * 3

QPV = (
    Named("QN05987M", "Quartier Paul Cézanne"),
    Named("QN05994I", "Cité Heurteau"),
)
OBJECTIVES = (Named("1.1", "Soutenir la réussite éducative"), Named("2.3", "Lever les freins à l’emploi"))


SYNTHESIS = SynthesisBlock(
    "favourable_with_reservations",
    "favorable avec réserves",
    "Ancrage local, partenariat avec le collège.",
    "Le bilan chiffré de l’an passé reste à préciser.",
    (SuggestedAmount("etat:specifique", "État (crédits spécifiques)", Decimal("7000.00")),),
)


def example_summary(dossiers: int = 3) -> Summary:
    """A prepared summary of that many dossiers."""
    blocks = tuple(_dossier(rank) for rank in range(1, dossiers + 1))
    header = Header(
        contract="Contrat de ville du Cœur d’Ostrevent",
        contract_code="coeur-ostrevent",
        seance_id=7,
        body="Comité d’engagement",
        label="Comité d’engagement de mars 2026",
        starts_at=datetime(2026, 3, 10, 8, 30, tzinfo=UTC),
        place="Salle du conseil, Aniche",
        status="convoked",
        status_label="convoquée",
        prepared_at=NOW,
        years=(2026,),
    )
    summary = Summary(header, _totals(blocks), blocks, _envelopes(blocks))
    if blocks:
        summary = replace(summary, **_analysis(dossiers))
    return replace(summary, header=replace(header, digest=digest_of(summary)))


def _analysis(dossiers: int) -> dict[str, Any]:
    """The programme, the agenda in it, the year before, and all that the séance is compared with."""
    programme = _programme(2026, 32)
    return {
        "agenda": (replace(_programme(2026, 3), together=()),),
        "programmes": (programme,),
        "together": (replace(_programme(2026, 35), continuity=None, together=()),),
        "last_year": (replace(_programme(2025, 28), continuity=None, together=()),),
        "partners": (
            PartnerBlock(
                "caf",
                "CAF",
                dossiers,
                0,
                0,
                Decimal(3000 * dossiers),
                ZERO,
                Decimal("120000.00"),
                Decimal("98000.00"),
            ),
            PartnerBlock(
                "aniche", "Aniche", dossiers, 0, 0, ZERO, Decimal(800 * dossiers), Decimal("94300.00"), None
            ),
            PartnerBlock("region", "Région", dossiers, 0, dossiers, ZERO, ZERO, ZERO, None),
        ),
        "years": (
            YearBlock(2025, 28, Decimal("540000.00"), Decimal("190000.00")),
            YearBlock(2026, 32, Decimal("591989.00"), Decimal("214300.00"), Decimal("33703.68")),
            YearBlock(2027, 0, ZERO, ZERO, forecast=Decimal("91000.00"), forecast_actions=5),
        ),
        "adopted": AdoptedBlock(
            "Équilibre entre quartiers",
            "Priorité aux quartiers sans action.",
            datetime(2026, 3, 1, 10, 0, tzinfo=UTC),
            "Optimum prouvé ; l’enveloppe de l’État est la seule qui limite.",
        ),
        "past_seance": PastSeanceBlock(
            "Comité d’engagement de février 2026",
            datetime(2026, 2, 10, 8, 30, tzinfo=UTC),
            12,
            (("retenu", 9), ("ajourné", 3)),
            Decimal("210400.00"),
            Decimal("98765.43"),
            Decimal("90123.45"),
            2,
        ),
    }


def _dossier(rank: int) -> DossierBlock:
    is_blocked = rank % 3 == 2
    lines = _lines(rank)
    return DossierBlock(
        rank=rank,
        reference=f"CV-2026-{rank:03d}",
        year=2026,
        stage="commitment",
        stage_label="Comité d’engagement",
        porteur=LONG_NAME.strip() if rank == 2 else f"Centre social n° {rank}",
        porteur_siret="38047555800058",
        title=(FORMULA, MARKUP, "Parcours vers l’emploi des jeunes")[(rank - 1) % 3],
        summary="Accompagnement individuel et ateliers collectifs, deux fois par semaine, avec les familles du quartier.",
        qpv=QPV[: 1 + rank % 2],
        objectives=OBJECTIVES[: 1 + (rank + 1) % 2],
        theme="Éducation et jeunesse",
        lead_instructor="Claire Dumont",
        beneficiaries_total=120,
        beneficiaries_qpv=84,
        total_cost=Decimal("24000.00"),
        own_resources=Decimal("4000.00"),
        cpo=rank % 2 == 0,
        cpo_years=3 if rank % 2 == 0 else None,
        renewal=True,
        opinions=_opinions(),
        criteria=(
            CriterionBlock("besoin", "Réponse à un besoin", Decimal("2.33"), 3, 2, 3, 3),
            CriterionBlock("porteur", "Capacité du porteur", Decimal(2), 3, 2, 2, 3),
        ),
        citizens_opinion=None if rank % 2 else "Favorable, à condition d’ouvrir les ateliers le mercredi.",
        synthesis=SYNTHESIS,
        findings=_findings(is_blocked),
        settlements=(
            SettlementBlock(
                "qpv.majority",
                "Majorité d’habitants des quartiers",
                "attested",
                "État (crédits spécifiques)",
                "Claire Dumont",
                datetime(2026, 2, 12, 9, 0, tzinfo=UTC),
                "Action d’ingénierie sans bénéficiaire individuel.",
            ),
        )
        if rank % 3 == 0
        else (),
        lines=lines,
        ordinary_law=OrdinaryLaw(
            obtained=Decimal("3000.00"),
            in_kind=Decimal("800.00"),
            obtained_lines=("CAF (droit commun)",),
            declined_lines=("Région (droit commun)",),
            unanswered_lines=("Département (droit commun)",),
        ),
        recusals=(RecusalBlock("Jean Petit", "Centre social", "membre"),) if rank == 3 else (),
        requested=sum((line.requested or Decimal(0) for line in lines), Decimal(0)),
        proposed=sum((line.proposed or Decimal(0) for line in lines), Decimal(0)),
        granted_last_year=Decimal("7500.00"),
        is_blocked=is_blocked,
    )


def _opinions() -> tuple[OpinionBlock, ...]:
    due = date(2026, 2, 20)
    given = datetime(2026, 2, 18, 14, 0, tzinfo=UTC)
    return (
        OpinionBlock(
            "CAF du Nord",
            1,
            "favourable",
            "favorable",
            "Action connue, public bien ciblé.",
            due,
            given,
            "A. Roy",
        ),
        OpinionBlock(
            "Département du Nord", 1, None, "en retard", None, due, None, None, True, "Le secrétariat"
        ),
        OpinionBlock("Éducation nationale", 1, "no_opinion", "sans avis", None, due, given, "B. Lam"),
    )


def _findings(is_blocked: bool) -> tuple[FindingBlock, ...]:
    warning = FindingBlock(
        "funding.balanced",
        "undetermined",
        "warning",
        "Les ressources propres ne sont pas renseignées : l’équilibre du plan ne peut pas être vérifié.",
        "Compléter le plan de financement.",
        "choix local",
    )
    blocking = FindingBlock(
        "qpv.majority",
        "violated",
        "blocking",
        "48 % des bénéficiaires habitent un quartier prioritaire : la majorité n’est pas atteinte.",
        "Préciser le public, ou retirer la ligne.",
        "Contrat de ville, 2024",
        "etat:specifique",
        "État (crédits spécifiques)",
    )
    return (blocking, warning) if is_blocked else (warning,)


def _lines(rank: int) -> tuple[FundingBlock, ...]:
    return (
        FundingBlock(
            "caf:droit_commun", "CAF", "droit commun", "firm", "montant ferme",
            Decimal("3000.00"), Decimal("3000.00"), None, None, None, promised=Decimal("3000.00"), firm=True,
        ),
        FundingBlock(
            "departement:droit_commun", "Département", "droit commun", "no_reply", "sans réponse",
            Decimal("2000.00"),
        ),
        FundingBlock(
            "region:droit_commun", "Région", "droit commun", "declined", "refus motivé",
            Decimal("1000.00"), reason="Hors des priorités régionales de l’année.",
        ),
        FundingBlock(
            "commune-aniche:droit_commun", "Aniche", "droit commun", "in_kind", "contribution en nature",
            in_kind="Prêt de la salle des fêtes", in_kind_value=Decimal("800.00"),
        ),
        FundingBlock(
            "etat:specifique", "État", "crédits spécifiques", "asked", "sollicité",
            Decimal("8000.00"), Decimal(7000 + rank), None, None, Decimal("6500.00"), "dossier",
            expected_on=date(2026, 4, 15),
        ),
        FundingBlock(
            "epci:specifique", "Intercommunalité", "crédits spécifiques", "asked", "sollicité",
            Decimal("2500.00"), Decimal("1234.56"), None, None, Decimal("1000.00"), "awards",
        ),
    )  # fmt: skip


def _totals(blocks: tuple[DossierBlock, ...]) -> Totals:
    def total(field: str) -> Decimal:
        return sum((getattr(block, field) or Decimal(0) for block in blocks), Decimal(0))

    lines = [line for block in blocks for line in block.lines]
    return Totals(
        dossiers=len(blocks),
        blocked=sum(block.is_blocked for block in blocks),
        with_reservations=len(blocks),
        unfavourable=0,
        late_opinions=len(blocks),
        recusals=sum(len(block.recusals) for block in blocks),
        total_cost=total("total_cost"),
        requested=total("requested"),
        proposed=total("proposed"),
        retained=total("retained"),
        granted_last_year=total("granted_last_year"),
        specific_proposed=sum(
            (line.proposed or Decimal(0) for line in lines if "specifique" in line.key), Decimal(0)
        ),
        ordinary_law=OrdinaryLaw(
            obtained=Decimal(3000 * len(blocks)),
            in_kind=Decimal(800 * len(blocks)),
            obtained_lines=("CAF (droit commun)",) * len(blocks),
            declined_lines=("Région (droit commun)",) * len(blocks),
            unanswered_lines=("Département (droit commun)",) * len(blocks),
        ),
    )


def _envelopes(blocks: tuple[DossierBlock, ...]) -> tuple[EnvelopeBlock, ...]:
    def asked_of(key: str) -> Decimal:
        found = (line.proposed or ZERO for block in blocks for line in block.lines if line.key == key)
        return sum(found, ZERO)

    asked = asked_of("etat:specifique")
    return (
        EnvelopeBlock(
            "etat:specifique", "État (crédits spécifiques)", 2026, "notified", "notifiée", Decimal("590000.00"),
            asked, ZERO, Decimal("180000.00"), Decimal("420000.00"), Decimal("170000.00"), Decimal("170000.00") - asked,
        ),
        EnvelopeBlock(
            "epci:specifique", "Intercommunalité (crédits spécifiques)", 2026, "none", "aucune", None,
            asked_of("epci:specifique"),
        ),
    )  # fmt: skip


def _programme(year: int, actions: int) -> ProgrammeBlock:
    """A programme whose shares follow from its amounts."""
    objectives = [
        ObjectiveBlock(
            f"{axis}.{rank}",
            f"Objectif général {axis}.{rank}",
            8 - rank,
            Decimal(90_000 - 9_000 * rank - axis),
        )
        for rank in range(1, 5)
        for axis in range(1, 4)
    ]
    granted, covered, ordinary = Decimal("591989.00"), Decimal("91675.00"), Decimal("214300.00")
    granted += actions  # each its own amount
    first, second = Decimal("310000.00") + actions, Decimal("92500.50")
    return ProgrammeBlock(
        year=year,
        actions=actions,
        granted=granted,
        cpo=CpoBlock(
            actions, 2, 2 / actions, granted, covered, float(covered / granted), 0.5, False, 12, 23, 4, 0.21
        ),
        qpv_share=float((first + second) / granted),
        qpv=(
            QpvBlock("QN05987M", "Quartier Paul Cézanne", 3500, 14, first, round(first / 3500, 2)),
            QpvBlock("QN05994I", "Cité Heurteau", 1300, 6, second, round(second / 1300, 2)),
            QpvBlock("QN05936M", "Champ fleuri", None, 0, ZERO, None),
        ),
        objectives=tuple(sorted(objectives, key=lambda row: -row.amount)),
        leverage=LeverageBlock(granted, Decimal("402000.00"), round(Decimal("402000.00") / granted, 2)),
        ordinary_law=ordinary,
        ordinary_law_share=float(ordinary / granted),
        unclassified=1,
        poches=PochesBlock(2, Decimal("8400.00"), Decimal("11000.00"), 1, Decimal("15000.00")),
        continuity=ContinuityBlock(year - 1, 28, 21, 7, Decimal("61000.00"), 11, Decimal("84000.00")),
        together=(
            TogetherBlock(
                ("Quartier Paul Cézanne",),
                "Éducation et jeunesse",
                "jeunes",
                tuple(f"CV-{year}-{rank:03d}" for rank in range(1, 10)),
                Decimal("31000.00"),
            ),
        ),
    )
