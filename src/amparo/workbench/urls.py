"""Addresses of all pages: each module registers its own. One is open to who holds an invitation."""

from django.urls import path

from amparo.workbench import access, home
from amparo.workbench.access import PAGES
from amparo.workbench.account import notices, tokens
from amparo.workbench.account.pages import welcome
from amparo.workbench.api import routes as api
from amparo.workbench.cases import log, membership, notes, overview
from amparo.workbench.exports import disclosed
from amparo.workbench.exports import pages as exports
from amparo.workbench.items import looking
from amparo.workbench.items import pages as items
from amparo.workbench.jobs import pages as jobs
from amparo.workbench.matters import enforcement, exhibits, tasks
from amparo.workbench.people import pages as people
from amparo.workbench.persons import pages as persons
from amparo.workbench.retention import erasing
from amparo.workbench.retention import pages as retention
from amparo.workbench.timeline import pages as timeline
from amparo.workbench.timeline import places, related, statistics
from amparo.workbench.triage import acts, exposure, keys
from amparo.workbench.triage import pages as triage
from amparo.workbench.vault import custodian, imagery
from amparo.workbench.vault import pages as vault

__all__ = ["MODULES", "PAGES", "urlpatterns"]
MODULES = (
    timeline,
    places,
    related,
    statistics,
    items,
    looking,
    home,
    overview,
    membership,
    notes,
    log,
    jobs,
    exports,
    disclosed,
    notices,
    tokens,
    people,
    triage,
    acts,
    exposure,
    keys,
    tasks,
    exhibits,
    enforcement,
    vault,
    custodian,
    imagery,
    persons,
    retention,
    erasing,
)  # imported, so that their pages are registered
urlpatterns = [path("welcome/<str:secret>/", welcome, name="welcome"), *access.urlpatterns(), *api.urlpatterns()]
