"""What those who lead a Case change: its members, its authorities, and whether two people grade."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from amparo.accounts.permissions import ON_CASES, ROLE_NAMES, Permission, Role
from amparo.casework import members
from amparo.casework.cases import add_authority
from amparo.catalogue.models import Member
from amparo.evidence.errors import BadInput
from amparo.workbench.access import Access, page
from amparo.workbench.cases import given
from amparo.workbench.cases.overview import show


@page("cases/<uuid:case>/members/", Permission.MEMBERS_MANAGE, ("GET", "POST"), "member-add")
def member_add(request: HttpRequest, access: Access) -> HttpResponse:
    """Give a person access, in one role."""
    typed = given.typed(request.POST, "username", "role", "owner")
    error = None
    try:
        members.check_leads(access.member)
        if request.method == "POST":
            user, role = members.find_person(typed["username"]), given.role(typed["role"])
            members.add_member(access.installation, access.case, user, role, bool(typed["owner"]))
            return redirect("case", case=access.case.uuid)
    except BadInput as refused:
        error = refused
    roles = [(each.value, ROLE_NAMES[each]) for each in Role if each in ON_CASES]
    shown = {"given": typed, "error": error, "roles": roles, "leads": access.member and access.member.owner}
    return render(request, "workbench/cases/member.html", shown, status=422 if error else 200)


@page("cases/<uuid:case>/members/<int:member>/end/", Permission.MEMBERS_MANAGE, ("POST",), "member-end")
def member_end(request: HttpRequest, access: Access, member: int) -> HttpResponse:
    """Take access away, by number within this Case."""
    row = Member.objects.filter(case=access.case, pk=member).select_related("case", "user").first()
    if row is None:
        raise Http404
    try:
        members.check_leads(access.member)
        members.end_member(access.installation, row)
    except BadInput as refused:
        return show(request, access, refused)
    return redirect("home") if row.user == access.user else redirect("case", case=access.case.uuid)


@page("cases/<uuid:case>/two-people/", Permission.MEMBERS_MANAGE, ("POST",), "two-people")
def two_people(request: HttpRequest, access: Access) -> HttpResponse:
    """Switch between one person and two for a grade."""
    try:
        members.check_leads(access.member)
        members.set_two_people(access.installation, access.case, request.POST.get("on") == "1")
    except BadInput as refused:
        return show(request, access, refused)
    return redirect("case", case=access.case.uuid)


@page("cases/<uuid:case>/authorities/", Permission.AUTHORITY_ADD, ("GET", "POST"), "authority-add")
def authority_add(request: HttpRequest, access: Access) -> HttpResponse:
    """Record one more legal basis."""
    typed = given.typed(request.POST, "text", "until", "paths")
    error = None
    if request.method == "POST":
        try:
            members.check_leads(access.member)
            authority = given.authority(typed, access.installation.settings)
            add_authority(access.installation, access.case.reference, authority)
        except BadInput as refused:
            error = refused
        else:
            return redirect("case", case=access.case.uuid)
    shown = {"given": typed, "error": error}
    return render(request, "workbench/cases/authority.html", shown, status=422 if error else 200)
