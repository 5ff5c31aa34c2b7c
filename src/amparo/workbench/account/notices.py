"""The button under a notice."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from amparo.accounts.permissions import Permission
from amparo.casework.notices import read_notice
from amparo.workbench.access import Access, page


@page("notices/<int:notice>/read/", Permission.OWN_ACCOUNT, ("POST",), name="notice-read")
def notice_read(request: HttpRequest, access: Access, notice: int) -> HttpResponse:
    """Take a notice of one's own off the pages; back to where it was shown."""
    if not read_notice(access.user, notice):
        raise Http404
    back = request.POST.get("back", "")
    own = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if own else "home")
