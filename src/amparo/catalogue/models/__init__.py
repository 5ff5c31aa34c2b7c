"""The tables. Integer keys inside; what leaves the installation is a UUID, or computed from one."""

from amparo.catalogue.models.banks import Bank, BankEntry, BankExchange, BankVersion, Comparison, EntryVerdict
from amparo.catalogue.models.cases import Authority, Case, OutboxEvent, Source
from amparo.catalogue.models.decisions import Decision
from amparo.catalogue.models.enforcement import Enforcement, SafeguardingAnswer
from amparo.catalogue.models.exhibits import Exhibit, HandOver
from amparo.catalogue.models.exports import Export
from amparo.catalogue.models.items import Category, Content, Counter, Finding, Item, Lane, Review, Shortfall, State
from amparo.catalogue.models.jobs import Job, JobState
from amparo.catalogue.models.marks import Mark, Tally
from amparo.catalogue.models.members import Member, Note, Notice, Pause, Reveal
from amparo.catalogue.models.persons import Basis, Person, Statement
from amparo.catalogue.models.pictures import PictureHash
from amparo.catalogue.models.retention import Erasure, LegalHold, Retention
from amparo.catalogue.models.search import SearchBacklog, SearchText
from amparo.catalogue.models.stages import Stage, StageSet
from amparo.catalogue.models.tasks import Task
from amparo.catalogue.models.vault import CustodianKey, ImageryRelease, VaultKey, VaultObject, VaultOpening, VaultShare

__all__ = [
    "Authority",
    "Bank",
    "BankEntry",
    "BankExchange",
    "BankVersion",
    "Basis",
    "Case",
    "Category",
    "Comparison",
    "Content",
    "Counter",
    "CustodianKey",
    "Decision",
    "Enforcement",
    "EntryVerdict",
    "Erasure",
    "Exhibit",
    "Export",
    "Finding",
    "HandOver",
    "ImageryRelease",
    "Item",
    "Job",
    "JobState",
    "Lane",
    "LegalHold",
    "Mark",
    "Member",
    "Note",
    "Notice",
    "OutboxEvent",
    "Pause",
    "Person",
    "PictureHash",
    "Retention",
    "Reveal",
    "Review",
    "SafeguardingAnswer",
    "SearchBacklog",
    "SearchText",
    "Shortfall",
    "Source",
    "Stage",
    "StageSet",
    "State",
    "Statement",
    "Tally",
    "Task",
    "VaultKey",
    "VaultObject",
    "VaultOpening",
    "VaultShare",
]
