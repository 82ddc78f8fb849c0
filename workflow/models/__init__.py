# SPDX-License-Identifier: EUPL-1.2
"""Mapped classes: columns and trivial properties only. Importing this package registers every table."""

from workflow.models.award import Award
from workflow.models.bulk import BulkItem
from workflow.models.calendar_feed import CalendarFeed
from workflow.models.contract import Contract, ContractVersion, Credit, Envelope
from workflow.models.dossier import Action, BudgetLine, Dossier, FundingLine, Opinion, Waiver
from workflow.models.outgoing import Document, Event, Message, Notice, ScheduleRun, Secret, Task
from workflow.models.people import LoginSession, Mandate, Organisation, PasswordLink, Person
from workflow.models.record import DecisionRecord, Journal, Seal
from workflow.models.saved_view import SavedView
from workflow.models.seance import Convocation, Scenario, ScenarioAmount, Seance, SeanceAmount, SeanceItem

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
    "Envelope",
    "Event",
    "FundingLine",
    "Journal",
    "LoginSession",
    "Mandate",
    "Message",
    "Notice",
    "Opinion",
    "Organisation",
    "PasswordLink",
    "Person",
    "SavedView",
    "Scenario",
    "ScenarioAmount",
    "ScheduleRun",
    "Seal",
    "Seance",
    "SeanceAmount",
    "SeanceItem",
    "Secret",
    "Task",
    "Waiver",
]
