"""The first page: where somebody with these roles begins."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from amparo.accounts.permissions import Permission
from amparo.workbench.access import Access, page


@page("", Permission.OWN_ACCOUNT)
def home(request: HttpRequest, access: Access) -> HttpResponse:
    """Cases for those who work on them, people for administrators, logs for auditors."""
    return render(request, "workbench/home.html")
