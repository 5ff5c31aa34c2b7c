"""Roles, and what each may do: the only place where this is decided.

A permission is asked for either on the installation, where the roles that a person holds count, or on one Case, where
the role counts in which the person is a member of it. Nothing on a Case follows from a role without membership, with
one exception: auditors read every custody log, which holds ids and digests and no names.
"""

import enum
from collections.abc import Mapping

from django.utils.translation import gettext_lazy


class Role(enum.StrEnum):
    """What somebody does here. A person may hold several; in one Case a member acts in one."""

    ADMINISTRATOR = "administrator"
    INVESTIGATOR = "investigator"
    HOTLINE_ANALYST = "hotline-analyst"
    EXAMINER = "examiner"
    SOCIAL_WORKER = "social-worker"
    PROSECUTOR = "prosecutor"
    CUSTODIAN = "custodian"
    AUDITOR = "auditor"


class Permission(enum.StrEnum):
    """``INSTALLATION`` and ``CASE`` part them."""

    PEOPLE_MANAGE = "people.manage"
    CASE_LIST = "case.list"
    CASE_CREATE = "case.create"
    GLASS_BREAK = "glass.break"
    CUSTODY_ALL = "custody.all"
    OWN_ACCOUNT = "own.account"
    VAULT_KEEP = "vault.keep"

    CASE_READ = "case.read"
    ITEM_READ = "item.read"
    ITEM_GRADE = "item.grade"
    ITEM_REVEAL = "item.reveal"
    NOTE_WRITE = "note.write"
    MEMBERS_MANAGE = "members.manage"
    AUTHORITY_ADD = "authority.add"
    CUSTODY_READ = "custody.read"
    SCAN_START = "scan.start"
    EXPORT_MAKE = "export.make"
    EXPORT_DISCLOSE = "export.disclose"
    DISCLOSED_READ = "disclosed.read"
    IMAGERY_RELEASE = "imagery.release"
    VAULT_USE = "vault.use"
    TASK_WRITE = "task.write"
    EXHIBIT_READ = "exhibit.read"
    EXHIBIT_WRITE = "exhibit.write"
    PERSON_READ = "person.read"
    PERSON_WRITE = "person.write"
    ENFORCEMENT_PLAN = "enforcement.plan"
    RETENTION_SET = "retention.set"
    ERASURE_ASK = "erasure.ask"


INSTALLATION = frozenset(
    {
        Permission.PEOPLE_MANAGE,
        Permission.CASE_LIST,
        Permission.CASE_CREATE,
        Permission.GLASS_BREAK,
        Permission.CUSTODY_ALL,
        Permission.OWN_ACCOUNT,
        Permission.VAULT_KEEP,
    }
)
CASE = frozenset(Permission) - INSTALLATION
LEADING = frozenset(
    {
        Permission.MEMBERS_MANAGE,
        Permission.AUTHORITY_ADD,
        Permission.EXPORT_DISCLOSE,
        Permission.RETENTION_SET,
        Permission.ERASURE_ASK,
    }
)  # never with broken glass

_EVERYONE = {Permission.OWN_ACCOUNT}
_ON_CASES = _EVERYONE | {Permission.CASE_LIST, Permission.GLASS_BREAK}
_LOOK = {Permission.CASE_READ, Permission.ITEM_READ, Permission.CUSTODY_READ, Permission.EXHIBIT_READ}
_WORK = _LOOK | {
    Permission.ITEM_GRADE,
    Permission.ITEM_REVEAL,
    Permission.NOTE_WRITE,
    Permission.TASK_WRITE,
    Permission.EXHIBIT_WRITE,
    Permission.PERSON_READ,
    Permission.PERSON_WRITE,
    Permission.EXPORT_MAKE,
    Permission.DISCLOSED_READ,
    Permission.IMAGERY_RELEASE,
    Permission.VAULT_USE,
    Permission.SCAN_START,
}
_LEAD = _ON_CASES | _WORK | LEADING | {Permission.CASE_CREATE, Permission.ENFORCEMENT_PLAN}
_PEOPLE = {Permission.NOTE_WRITE, Permission.TASK_WRITE, Permission.PERSON_READ, Permission.PERSON_WRITE}
_READ = _EVERYONE | {Permission.CASE_LIST, Permission.CASE_READ}

GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(_EVERYONE | {Permission.PEOPLE_MANAGE}),
    Role.INVESTIGATOR: frozenset(_LEAD),
    Role.HOTLINE_ANALYST: frozenset(_LEAD),
    Role.EXAMINER: frozenset(_ON_CASES | _WORK),
    Role.SOCIAL_WORKER: frozenset(_READ | _PEOPLE),
    Role.PROSECUTOR: frozenset(_READ | {Permission.CUSTODY_READ, Permission.DISCLOSED_READ}),
    Role.CUSTODIAN: frozenset(_EVERYONE | {Permission.VAULT_KEEP}),
    Role.AUDITOR: frozenset(_EVERYONE | {Permission.CUSTODY_ALL}),
}

ON_CASES = frozenset(role for role, granted in GRANTS.items() if Permission.CASE_READ in granted)  # may be members

ROLE_NAMES = {
    Role.ADMINISTRATOR: gettext_lazy("Administrator"),
    Role.INVESTIGATOR: gettext_lazy("Investigator"),
    Role.HOTLINE_ANALYST: gettext_lazy("Hotline analyst"),
    Role.EXAMINER: gettext_lazy("Examiner"),
    Role.SOCIAL_WORKER: gettext_lazy("Social worker"),
    Role.PROSECUTOR: gettext_lazy("Prosecutor"),
    Role.CUSTODIAN: gettext_lazy("Custodian"),
    Role.AUDITOR: gettext_lazy("Auditor"),
}
ROLE_SAYS = {
    Role.ADMINISTRATOR: gettext_lazy("Invites people and gives roles. Sees no case."),
    Role.INVESTIGATOR: gettext_lazy("Opens cases, leads them, judges material, exports."),
    Role.HOTLINE_ANALYST: gettext_lazy("Opens cases from reports and judges material."),
    Role.EXAMINER: gettext_lazy("Scans evidence and judges material."),
    Role.SOCIAL_WORKER: gettext_lazy("Sees the people of a case and its notes, never its material."),
    Role.PROSECUTOR: gettext_lazy("Reads what was disclosed, and the custody log."),
    Role.CUSTODIAN: gettext_lazy("Holds a part of the keys of sealed content."),
    Role.AUDITOR: gettext_lazy("Reads custody logs of all cases, and nothing else."),
}


def granted(roles: "frozenset[Role] | set[Role]", permission: Permission) -> bool:
    """Whether one of the roles gives a permission."""
    return any(permission in GRANTS[role] for role in roles)
