"""Packages of a Case for others: one file per form, joined in :mod:`.forms`, written and signed by :mod:`.make`."""

from amparo.casework.export.form import Choices
from amparo.casework.export.forms import DEFAULT, FORMS, check_forms, left_out
from amparo.casework.export.make import export_case

__all__ = ["DEFAULT", "FORMS", "Choices", "check_forms", "export_case", "left_out"]
