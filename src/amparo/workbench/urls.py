"""Addresses of all pages: each module registers its own. One is open to who holds an invitation."""

from django.urls import path

from amparo.workbench import access, home
from amparo.workbench.access import PAGES
from amparo.workbench.account import notices
from amparo.workbench.account.pages import welcome
from amparo.workbench.cases import log, membership, notes, overview
from amparo.workbench.exports import pages as exports
from amparo.workbench.items import looking
from amparo.workbench.items import pages as items
from amparo.workbench.jobs import pages as jobs
from amparo.workbench.people import pages as people
from amparo.workbench.triage import acts, exposure
from amparo.workbench.triage import pages as triage

__all__ = ["MODULES", "PAGES", "urlpatterns"]
MODULES = (
    items,
    looking,
    home,
    overview,
    membership,
    notes,
    log,
    jobs,
    exports,
    notices,
    people,
    triage,
    acts,
    exposure,
)  # imported, so that their pages are registered
urlpatterns = [path("welcome/<str:secret>/", welcome, name="welcome"), *access.urlpatterns()]
