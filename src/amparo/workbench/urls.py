"""Addresses of all pages: each module registers its own. One is open to who holds an invitation."""

from django.urls import path

from amparo.workbench import access, home
from amparo.workbench.access import PAGES
from amparo.workbench.account.pages import welcome

__all__ = ["MODULES", "PAGES", "urlpatterns"]
MODULES = (home,)  # imported, so that their pages are registered
urlpatterns = [path("welcome/<str:secret>/", welcome, name="welcome"), *access.urlpatterns()]
