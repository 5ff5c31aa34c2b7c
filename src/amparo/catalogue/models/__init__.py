"""The tables. Integer keys inside; what leaves the installation is a UUID, or computed from one."""

from amparo.catalogue.models.banks import Bank, BankEntry, BankExchange, BankVersion, Comparison, EntryVerdict
from amparo.catalogue.models.cases import Authority, Case, OutboxEvent, Source
from amparo.catalogue.models.decisions import Decision
from amparo.catalogue.models.items import Category, Content, Counter, Finding, Item, Lane, Review, Shortfall, State
from amparo.catalogue.models.jobs import Job, JobState
from amparo.catalogue.models.members import Member, Note, Notice, Pause, Reveal
from amparo.catalogue.models.pictures import PictureHash
from amparo.catalogue.models.stages import Stage, StageSet

__all__ = [
    "Authority",
    "Bank",
    "BankEntry",
    "BankExchange",
    "BankVersion",
    "Case",
    "Category",
    "Comparison",
    "Content",
    "Counter",
    "Decision",
    "EntryVerdict",
    "Finding",
    "Item",
    "Job",
    "JobState",
    "Lane",
    "Member",
    "Note",
    "Notice",
    "OutboxEvent",
    "Pause",
    "PictureHash",
    "Reveal",
    "Review",
    "Shortfall",
    "Source",
    "Stage",
    "StageSet",
    "State",
]
