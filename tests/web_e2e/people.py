"""Makes a person in the home of the environment: roles and cases as arguments. Prints the person as JSON."""

import json
import sys
import uuid
from importlib import import_module

from amparo.cli.start import start


def main() -> None:
    """After Django was set up."""
    installation = start()
    from allauth.mfa.models import Authenticator
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from amparo.accounts.models import RoleGrant, User
    from amparo.accounts.permissions import Role
    from amparo.casework.cases import find_case
    from amparo.casework.members import add_member

    roles = [Role(each) for each in sys.argv[1].split(",") if each]
    user = User.objects.create(username=f"{roles[0] if roles else 'nobody'}-{uuid.uuid4().hex[:6]}")
    user.set_unusable_password()
    user.save()
    for role in roles:
        RoleGrant.objects.create(user=user, role=role, given_by="tests")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": ""})
    for reference in filter(None, sys.argv[2].split(",")):
        case = find_case(reference)
        add_member(installation, case, user, roles[0], owner=not case.members.filter(owner=True).exists())
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    print(json.dumps({"username": user.username, "uuid": str(user.uuid), "session": session.session_key}))


if __name__ == "__main__":
    main()
