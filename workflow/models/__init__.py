# SPDX-License-Identifier: EUPL-1.2
"""Mapped classes: columns and trivial properties only. Importing this package registers every table."""

from workflow.models.attention import DossierVisit, Presence
from workflow.models.award import Award
from workflow.models.bulk import BulkItem
from workflow.models.calendar_feed import CalendarFeed
from workflow.models.contract import Contract, ContractVersion, Credit, Envelope
from workflow.models.dossier import Action, BudgetLine, Dossier, FundingLine, Opinion, Waiver
from workflow.models.draft import OpinionDraft
from workflow.models.exchange import Exchange
from workflow.models.file_import import FileImport
from workflow.models.forecast import Forecast
from workflow.models.outgoing import Document, Event, Message, Notice, ScheduleRun, Secret, Task
from workflow.models.people import Mandate, Organisation, Person
from workflow.models.piece import Piece
from workflow.models.record import DecisionRecord, Journal, Seal
from workflow.models.saved_view import SavedView
from workflow.models.seance import Convocation, Scenario, ScenarioAmount, Seance, SeanceAmount, SeanceItem
from workflow.models.sign_in import Identity, LoginSession, PersonalLink, SignInFailure

__all__ = [
    "Action",
    "Award",
    "BudgetLine",
    "BulkItem",
    "CalendarFeed",
    "Contract",
    "ContractVersion",
    "Convocation",
    "Credit",
    "DecisionRecord",
    "Document",
    "Dossier",
    "DossierVisit",
    "Envelope",
    "Event",
    "Exchange",
    "FileImport",
    "Forecast",
    "FundingLine",
    "Identity",
    "Journal",
    "LoginSession",
    "Mandate",
    "Message",
    "Notice",
    "Opinion",
    "OpinionDraft",
    "Organisation",
    "Person",
    "PersonalLink",
    "Piece",
    "Presence",
    "SavedView",
    "Scenario",
    "ScenarioAmount",
    "ScheduleRun",
    "Seal",
    "Seance",
    "SeanceAmount",
    "SeanceItem",
    "Secret",
    "SignInFailure",
    "Task",
    "Waiver",
]
