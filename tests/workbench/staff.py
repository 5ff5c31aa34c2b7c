"""People of tests: with roles, with a second factor, logged in; and a Case with something in it."""

import datetime
import itertools

from allauth.mfa.models import Authenticator
from django.test import Client

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import Role
from amparo.casework.cases import NewAuthority, create_case
from amparo.casework.installation import Installation
from amparo.casework.members import add_member
from amparo.catalogue.models import Case, Member

PASSWORD = "several words are easy"
_numbers = itertools.count(1)


def person(*roles: Role, name: str = "") -> User:
    """Somebody who holds these roles and has set up a second factor."""
    user = User.objects.create(username=f"person-{next(_numbers)}", name=name)
    for role in roles:
        RoleGrant.objects.create(user=user, role=role, given_by="tests")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "0"})
    return user


def client(user: User) -> Client:
    """A browser in which this person is logged in. Raises what a view raises."""
    browser = Client()
    browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return browser


def new_case(installation: Installation, reference: str = "W-1") -> Case:
    """A Case with an Authority for everything."""
    until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)
    return create_case(installation, reference, NewAuthority("Order of a court of this test", until))


def member(installation: Installation, case: Case, user: User, role: Role, owner: bool = False) -> Member:
    """Membership of a Case."""
    return add_member(installation, case, user, role, owner)
