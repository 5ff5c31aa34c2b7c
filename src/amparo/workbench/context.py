"""What the frame around every page shows: where one may go, and what one has to be told."""

from django.http import HttpRequest

from amparo.accounts.models import User
from amparo.accounts.permissions import Permission, granted
from amparo.workbench.access import Access

_NOTICES = 10  # on one page; the newest, older ones follow as these are read


def frame(request: HttpRequest) -> dict[str, object]:
    """Context of every template."""
    user = getattr(request, "user", None)
    if not isinstance(user, User):
        return {"access": None}
    held = user.held()
    access: Access | None = getattr(request, "access", None)
    return {
        "access": access,
        "case": None if access is None or access.member is None else access.case,
        "allowed": {each.name: granted(held, each) for each in Permission},
        "notices": user.notices.filter(read=None).select_related("case").order_by("-made", "-pk")[: _NOTICES + 1],
        "notices_shown": _NOTICES,
    }
