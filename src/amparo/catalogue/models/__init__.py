"""The tables. Integer keys inside; what leaves the installation is a UUID, or computed from one."""

from amparo.catalogue.models.banks import Bank, BankEntry, BankExchange, BankVersion, Comparison, EntryVerdict
from amparo.catalogue.models.cases import Authority, Case, OutboxEvent, Source
from amparo.catalogue.models.decisions import Decision
from amparo.catalogue.models.items import Content, Counter, Finding, Item, Lane, Shortfall, State
from amparo.catalogue.models.pictures import PictureHash
from amparo.catalogue.models.stages import Stage, StageSet

__all__ = [
    "Authority",
    "Bank",
    "BankEntry",
    "BankExchange",
    "BankVersion",
    "Case",
    "Comparison",
    "Content",
    "Counter",
    "Decision",
    "EntryVerdict",
    "Finding",
    "Item",
    "Lane",
    "OutboxEvent",
    "PictureHash",
    "Shortfall",
    "Source",
    "Stage",
    "StageSet",
    "State",
]
