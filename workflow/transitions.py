# SPDX-License-Identifier: EUPL-1.2
"""The four transition tables: one row per transition, read like the procedure. Changing a row changes the product."""

from workflow.effects import acts as act_effects
from workflow.effects import commitment as commitment_effects
from workflow.effects import conference as conference_effects
from workflow.effects import dispatch as dispatch_effects
from workflow.effects import follow_up as follow_up_effects
from workflow.effects import renewal as renewal_effects
from workflow.effects import seances as seance_effects
from workflow.effects import submission as submission_effects
from workflow.effects import written as written_effects
from workflow.firing import Input, Table, Transition
from workflow.guards import (
    acts,
    co_instruction,
    commitment,
    conference,
    dispatch,
    follow_up,
    renewal,
    seances,
    submission,
    written,
)
from workflow.stages import LineState, OpinionState, OpinionValue, Role, SeanceStatus, Stage
from workflow.territory import BodyKind

S = Stage
INSTRUCTOR, LEAD, PILOT = Role.INSTRUCTOR, Role.LEAD_INSTRUCTOR, Role.PILOT
SECRETARY, PORTEUR, FINANCER, SYSTEM = Role.SECRETARY, Role.PORTEUR, Role.FINANCER, Role.SYSTEM

UNDECIDED = (
    S.SUBMITTED,
    S.INCOMPLETE,
    S.ADMISSIBLE,
    S.DISPATCHED,
    S.CO_INSTRUCTION,
    S.FINANCERS_CONFERENCE,
    S.COMMITMENT,
    S.DEFERRED,
)

DOSSIER = Table(
    "dossier",
    "stage",
    tuple(Stage),
    (
        # --- submission
        Transition(
            "submission", "submit", (S.DRAFT,), S.SUBMITTED, "Déposer la demande",
            (PORTEUR, SECRETARY, SYSTEM), (submission.registrable,), submission_effects.file_request,
        ),
        Transition(
            "submission", "request_completion", (S.SUBMITTED,), S.INCOMPLETE, "Demander des compléments",
            (LEAD, PILOT), (submission.completion_named,), submission_effects.ask_completion,
            (Input("pieces", "pièces à fournir", "list", True), Input("due", "date limite", "date", True)),
        ),
        Transition(
            "submission", "complete", (S.INCOMPLETE,), S.SUBMITTED, "Compléter la demande",
            (PORTEUR, SECRETARY), (), submission_effects.clear_completion,
        ),
        Transition(
            "submission", "declare_admissible", (S.SUBMITTED,), S.ADMISSIBLE, "Déclarer recevable",
            (INSTRUCTOR, PILOT), (submission.not_concerned, submission.admissible_by_rules),
            submission_effects.drop_ineligible_lines, deciding=True,
        ),
        Transition(
            "submission", "declare_inadmissible", (S.SUBMITTED, S.INCOMPLETE), S.INADMISSIBLE, "Déclarer irrecevable",
            (INSTRUCTOR, PILOT), (submission.not_concerned, submission.keeps_findings),
            reason_required=True, deciding=True,
        ),
        # --- dispatch
        Transition(
            "dispatch", "dispatch", (S.ADMISSIBLE,), S.DISPATCHED, "Répartir",
            (PILOT, SECRETARY),
            (
                submission.no_declared_interest,
                dispatch.lead_instructor,
                dispatch.theme,
                dispatch.partners,
                dispatch.holders,
            ),
            dispatch_effects.assign,
            (
                Input("lead", "instructeur chef de file", "person", True),
                Input("theme", "groupe thématique", "choice", True),
                Input("partners", "partenaires à consulter", "list"),
                Input("holders", "détenteurs de droit commun à solliciter", "list"),
            ),
            secretary_of=(BodyKind.DISPATCH,),
        ),
        Transition(
            "dispatch", "renew", (S.ADMISSIBLE,), S.FINANCERS_CONFERENCE, "Envoyer en conférence sans nouvel avis (CPO)",
            (PILOT, SECRETARY), (submission.no_declared_interest, renewal.follows_a_cpo),
            concerns=renewal.carries_promises, secretary_of=(BodyKind.DISPATCH,),
        ),
        # --- co-instruction
        Transition(
            "co_instruction", "open_co_instruction", (S.DISPATCHED,), S.CO_INSTRUCTION, "Ouvrir la co-instruction",
            (LEAD,), (submission.not_concerned, co_instruction.due_ahead), dispatch_effects.open_opinions,
            (Input("due", "date attendue des avis", "date"),),
        ),
        # --- conference
        Transition(
            "conference", "send_to_conference", (S.CO_INSTRUCTION,), S.FINANCERS_CONFERENCE,
            "Envoyer en conférence des financeurs", (LEAD,),
            (
                submission.not_concerned,
                co_instruction.opinions_in,
                co_instruction.synthesis_written,
                co_instruction.citizens_heard,
            ),
        ),
        Transition(
            "conference", "return_to_co_instruction", (S.FINANCERS_CONFERENCE,), S.CO_INSTRUCTION,
            "Renvoyer en co-instruction", (LEAD, SECRETARY), (dispatch.partners, co_instruction.due_ahead),
            dispatch_effects.open_new_round,
            (Input("due", "date attendue des avis", "date"), Input("partners", "partenaires à consulter", "list")),
            reason_required=True, secretary_of=(BodyKind.CONFERENCE,),
        ),
        # --- commitment
        Transition(
            "commitment", "send_to_commitment", (S.FINANCERS_CONFERENCE,), S.COMMITMENT,
            "Envoyer au comité d’engagement", (SECRETARY,),
            (submission.no_declared_interest, conference.rules_of_the_conference, conference.lines_settled),
            conference_effects.drop_unsupported_lines,
            deciding=True, secretary_of=(BodyKind.CONFERENCE,),
        ),
        Transition(
            "commitment", "return_to_conference", (S.COMMITMENT, S.DEFERRED), S.FINANCERS_CONFERENCE,
            "Renvoyer en conférence des financeurs", (SECRETARY,), reason_required=True,
            secretary_of=(BodyKind.CONFERENCE, BodyKind.COMMITTEE),
        ),
        Transition(
            "commitment", "commit", (S.COMMITMENT,), S.COMMITTED, "Retenir", (SECRETARY, PILOT),
            (commitment.amounts_have_words,), commitment_effects.apply_amounts, closing_only=True, deciding=True,
        ),
        Transition(
            "commitment", "reject", (S.COMMITMENT, S.DEFERRED), S.REJECTED, "Ne pas retenir", (SECRETARY, PILOT),
            (), commitment_effects.refuse_lines, reason_required=True, closing_only=True, deciding=True,
        ),
        Transition(
            "commitment", "defer", (S.COMMITMENT,), S.DEFERRED, "Ajourner", (SECRETARY, PILOT),
            (), commitment_effects.keep_proposals, reason_required=True, closing_only=True, deciding=True,
        ),
        Transition(
            "commitment", "resume", (S.DEFERRED,), S.COMMITMENT, "Reprendre après ajournement", (SECRETARY,),
            (commitment.proposals_unchanged,), secretary_of=(BodyKind.COMMITTEE,),
        ),
        Transition(
            "commitment", "rectify", (S.COMMITTED, S.REJECTED), S.COMMITTED, "Rectifier la décision",
            (SECRETARY, PILOT), (commitment.amounts_have_words,), commitment_effects.apply_amounts,
            reason_required=True, closing_only=True, deciding=True,
        ),
        Transition(
            "commitment", "reorient", UNDECIDED, S.REORIENTED, "Réorienter vers un autre dispositif",
            (PILOT, SECRETARY), (submission.no_declared_interest,), submission_effects.keep_scheme,
            (Input("scheme", "autre dispositif", "text", True),),
        ),
        # --- follow-up
        Transition(
            "follow_up", "contract", (S.COMMITTED,), S.CONTRACTED, "Conventionner", (PILOT, FINANCER),
            (follow_up.acts_recorded, follow_up.convention_recorded, follow_up.plan_holds),
            follow_up_effects.keep_details,
            (
                Input("convention", "référence de la convention"),
                Input("convention_signed_on", "date de signature de la convention", "date"),
                Input("revised_plan", "plan révisé reçu", "boolean"),
            ),
            deciding=True,
        ),
        Transition(
            "follow_up", "report", (S.CONTRACTED,), S.REPORTED, "Remettre le bilan", (PORTEUR, SECRETARY),
            (follow_up.reports_given,), follow_up_effects.keep_details,
            (
                Input("activity_report", "compte rendu d’activité"),
                Input("financial_report", "compte rendu financier"),
            ),
        ),
        Transition(
            "follow_up", "close", (S.REPORTED,), S.CLOSED, "Clore le dossier", (PILOT,),
            (follow_up.unspent_settled,), follow_up_effects.keep_details,
            (Input("settled", "part non consommée soldée", "boolean"),),
        ),
        Transition(
            "follow_up", "cancel", (S.COMMITTED, S.CONTRACTED), S.CANCELLED, "Annuler (renoncement, retrait)",
            (PILOT,), (), follow_up_effects.release_credits, reason_required=True, deciding=True,
        ),
        # --- any
        Transition(
            "any", "withdraw", (S.DRAFT, *UNDECIDED), S.WITHDRAWN, "Retirer la demande", (PORTEUR, SECRETARY),
            reason_required=True,
        ),
    ),
)  # fmt: skip

OPINION = Table(
    "opinion",
    "state",
    tuple(OpinionState),
    (
        Transition(
            "co_instruction", "give", (OpinionState.REQUESTED, OpinionState.GIVEN), OpinionState.GIVEN, "Rendre l’avis",
            (INSTRUCTOR, FINANCER, Role.CITIZEN_COUNCIL),
            (
                co_instruction.opinion_stage,
                co_instruction.opinion_round,
                co_instruction.opinion_value,
                co_instruction.opinion_explained,
                co_instruction.opinion_grid,
                co_instruction.opinion_recusal,
            ),
            dispatch_effects.give,
            (
                Input("value", "avis", "choice", True, tuple(OpinionValue)),
                Input("text", "observations"),
                Input("confirms", "condition du crédit confirmée", "boolean"),
                Input("criteria", "réponses à la grille", "list"),
                Input("questions", "questions"),
            ),
        ),
        Transition(
            "co_instruction", "cancel", (OpinionState.REQUESTED,), OpinionState.CANCELLED, "Annuler la demande d’avis",
            (LEAD, SECRETARY, PILOT), reason_required=True,
        ),
    ),
)  # fmt: skip

L = LineState
OPEN_LINE = (L.NOT_ASKED, L.ASKED, L.INDICATIVE, L.FIRM, L.IN_KIND, L.DECLINED, L.NOT_CONCERNED, L.NO_REPLY)
ANSWERING = (FINANCER, SECRETARY)  # the financer's own people; the secretary types for all in session
AMOUNT = Input("amount", "montant", "amount", True)
EXPECTED = Input("expected_on", "date attendue de la décision du financeur", "date")
ACT = (
    Input("authority", "autorité", "text", True),
    Input("date", "date de l’acte", "date", True),
    Input("number", "numéro", "text", True),
)

LINE = Table(
    "line",
    "state",
    tuple(LineState),
    (
        Transition(
            "dispatch", "ask", (L.NOT_ASKED,), L.ASKED, "Solliciter", (LEAD, SECRETARY, PILOT, FINANCER),
        ),
        Transition(
            "dispatch", "carry_forecast", (L.NOT_ASKED, L.ASKED), L.INDICATIVE, "Reprendre le montant promis par la CPO",
            (SYSTEM,), (renewal.promise_known,), renewal_effects.carry_forecast,
        ),
        Transition(
            "conference", "answer_indicative", OPEN_LINE, L.INDICATIVE, "Répondre : montant indicatif", ANSWERING,
            (
                conference.answering_stage,
                conference.line_recusal, written.answers_once_in_writing,
                conference.positive_amount,
                conference.within_ceiling,
                renewal.promise_kept,
            ),
            conference_effects.answer_amount,
            (AMOUNT, EXPECTED),
        ),
        Transition(
            "conference", "answer_firm", OPEN_LINE, L.FIRM, "Répondre : montant ferme", ANSWERING,
            (
                conference.answering_stage,
                conference.line_recusal, written.answers_once_in_writing,
                conference.positive_amount,
                conference.within_ceiling,
                renewal.promise_kept,
            ),
            conference_effects.answer_amount,
            (AMOUNT, EXPECTED),
        ),
        Transition(
            "conference", "answer_in_kind", OPEN_LINE, L.IN_KIND, "Répondre : contribution en nature", ANSWERING,
            (conference.answering_stage, conference.line_recusal, written.answers_once_in_writing, renewal.promise_left), conference_effects.answer_in_kind,
            (Input("description", "description", "text", True), Input("amount", "valeur estimée", "amount")),
        ),
        Transition(
            "conference", "decline", OPEN_LINE, L.DECLINED, "Répondre : refus motivé", ANSWERING,
            (conference.answering_stage, conference.line_recusal, written.answers_once_in_writing), conference_effects.answer_without_money, reason_required=True,
        ),
        Transition(
            "conference", "mark_not_concerned", OPEN_LINE, L.NOT_CONCERNED, "Répondre : non concerné", ANSWERING,
            (conference.answering_stage, conference.line_recusal, written.answers_once_in_writing, renewal.promise_left), conference_effects.answer_without_money,
        ),
        Transition(
            "conference", "note_no_reply", (L.ASKED,), L.NO_REPLY, "Constater l’absence de réponse", (SECRETARY, PILOT),
            (conference.answering_stage, conference.reply_overdue), conference_effects.answer_without_money,
        ),
        Transition(
            "conference", "make_ineligible", (L.NOT_ASKED, L.ASKED, L.INDICATIVE, L.FIRM, L.IN_KIND, L.NO_REPLY),
            L.INELIGIBLE, "Constater l’inéligibilité", (FINANCER,), (), conference_effects.keep_reason,
            reason_required=True,
        ),
        Transition(
            "conference", "reinstate", (L.INELIGIBLE,), L.ASKED, "Rétablir la ligne", (FINANCER,),
            (), conference_effects.clear_reason, reason_required=True,
        ),
        Transition(
            "commitment", "retain", (L.ASKED, L.INDICATIVE, L.FIRM, L.IN_KIND, L.RETAINED, L.REFUSED), L.RETAINED,
            "Retenir le montant", (SYSTEM,), (conference.positive_amount, conference.within_ceiling),
            act_effects.retain, (AMOUNT,),
        ),
        Transition(
            "commitment", "refuse", (L.ASKED, L.INDICATIVE, L.FIRM, L.RETAINED), L.REFUSED, "Ne rien retenir",
            (SYSTEM,), (), conference_effects.refuse,
        ),
        Transition(
            "follow_up", "grant", (L.RETAINED,), L.GRANTED, "Enregistrer l’acte du financeur", (FINANCER, PILOT),
            (acts.act_complete, acts.act_grants), act_effects.grant,
            (*ACT, Input("amount", "montant accordé", "amount", True)),
        ),
        Transition(
            "follow_up", "deny", (L.RETAINED,), L.REFUSED, "Enregistrer un acte qui n’accorde rien", (FINANCER, PILOT),
            (acts.act_complete,), act_effects.deny, ACT, reason_required=True,
        ),
        Transition(
            "follow_up", "cancel", (L.ASKED, L.INDICATIVE, L.FIRM, L.RETAINED, L.GRANTED), L.CANCELLED,
            "Annuler la ligne", (FINANCER, PILOT), (conference.committee_passed,), act_effects.release, reason_required=True,
        ),
    ),
)  # fmt: skip

P = SeanceStatus
MOVING = (
    Input("starts_at", "nouvelle date", "moment"),
    Input("place", "lieu"),
    Input("duration_minutes", "durée en minutes", "integer"),
)

SEANCE = Table(
    "seance",
    "status",
    tuple(SeanceStatus),
    (
        Transition(
            "seance", "convoke", (P.PLANNED,), P.CONVOKED, "Convoquer", (SECRETARY, PILOT, SYSTEM),
            (seances.date_ahead, seances.members_seated, seances.agenda_filled), seance_effects.convoke,
        ),
        Transition(
            "seance", "move", (P.PLANNED, P.CONVOKED), None, "Déplacer", (SECRETARY, PILOT),
            (seances.new_date_ahead,), seance_effects.move, MOVING,
        ),
        Transition(
            "seance", "remind", (P.CONVOKED,), None, "Relancer les silencieux", (SECRETARY, PILOT, SYSTEM),
            (seances.somebody_to_remind,), seance_effects.remind,
        ),
        Transition(
            "seance", "hold_in_writing", (P.PLANNED,), None, "Tenir par écrit", (SECRETARY, PILOT),
            (written.may_be_written, seances.new_date_ahead), written_effects.hold_in_writing,
            (Input("starts_at", "date limite des réponses", "moment", True),),
        ),
        Transition(
            "seance", "open", (P.CONVOKED,), P.OPEN, "Ouvrir la séance", (SECRETARY, PILOT), (written.held_in_session,),
        ),
        Transition(
            "seance", "close_written", (P.CONVOKED,), P.CLOSED, "Clore la consultation écrite", (SECRETARY, PILOT),
            (written.held_in_writing, written.consultation_over), written_effects.close_consultation,
        ),
        Transition(
            "seance", "close", (P.OPEN,), P.CLOSED, "Clore la séance", (SECRETARY, PILOT),
            (
                commitment.quorum,
                commitment.decisions_made,
                commitment.recusals_applied,
                commitment.dossiers_ready,
                commitment.conditions_met,
                commitment.envelopes_hold,
            ),
            commitment_effects.close_seance, one_at_a_time=True,
        ),
        Transition(
            "seance", "cancel", (P.PLANNED, P.CONVOKED, P.OPEN), P.CANCELLED, "Annuler la séance", (SECRETARY, PILOT),
            (), seance_effects.cancel, reason_required=True,
        ),
        Transition(
            "seance", "release_minutes", (P.CLOSED,), None, "Diffuser le relevé de décisions", (SECRETARY, PILOT),
            (seances.minutes_to_release,), seance_effects.release_minutes,
        ),
    ),
)  # fmt: skip

TABLES = (DOSSIER, OPINION, LINE, SEANCE)
