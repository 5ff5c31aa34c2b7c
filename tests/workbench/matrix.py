"""The permission of every page, written down a second time: a page that is new or changed fails until it is here."""

from amparo.accounts.permissions import Permission

MATRIX = {
    "exports": Permission.EXPORT_MAKE,
    "export-check": Permission.EXPORT_MAKE,
    "export-take": Permission.EXPORT_MAKE,
    "home": Permission.OWN_ACCOUNT,
    "case-new": Permission.CASE_CREATE,
    "case-open": Permission.GLASS_BREAK,
    "logs": Permission.CUSTODY_ALL,
    "logs-verify": Permission.CUSTODY_ALL,
    "case": Permission.CASE_READ,
    "member-add": Permission.MEMBERS_MANAGE,
    "member-end": Permission.MEMBERS_MANAGE,
    "two-people": Permission.MEMBERS_MANAGE,
    "authority-add": Permission.AUTHORITY_ADD,
    "notes": Permission.NOTE_WRITE,
    "log": Permission.CUSTODY_READ,
    "log-verify": Permission.CUSTODY_READ,
    "notice-read": Permission.OWN_ACCOUNT,
    "people": Permission.PEOPLE_MANAGE,
    "people-invite": Permission.PEOPLE_MANAGE,
    "person": Permission.PEOPLE_MANAGE,
    "person-active": Permission.PEOPLE_MANAGE,
    "person-second-factor": Permission.PEOPLE_MANAGE,
    "jobs": Permission.SCAN_START,
    "job": Permission.SCAN_START,
    "job_stop": Permission.SCAN_START,
    "job_again": Permission.SCAN_START,
    "items": Permission.ITEM_READ,
    "item": Permission.ITEM_READ,
    "item-panel": Permission.ITEM_READ,
    "item-note": Permission.NOTE_WRITE,
    "item-reveal": Permission.ITEM_REVEAL,
    "item-picture": Permission.ITEM_REVEAL,
    "item-seconds": Permission.ITEM_REVEAL,
    "triage": Permission.ITEM_READ,
    "triage-panel": Permission.ITEM_READ,
    "triage-act": Permission.ITEM_GRADE,
    "pause": Permission.OWN_ACCOUNT,
    "exposure": Permission.MEMBERS_MANAGE,
}
EXAMPLES: dict[str, str] = {  # values of routes, other than the case's
    "<int:content>": "1",
    "<int:member>": "999",
    "<int:item>": "999",
    "<int:reveal>": "999",
    "<int:notice>": "999",
    "<uuid:person>": "00000000-0000-4000-8000-000000000000",
    "<uuid:job>": "00000000-0000-4000-8000-000000000001",
}

# Without a log-in: the invitation's link is its own key, and log-in itself.
OPEN = {"welcome", "account_login", "mfa_login_webauthn", "mfa_authenticate"}
# allauth's pages of one's own account; they name no other person and no case.
THEIRS = {
    "account_logout", "account_reauthenticate", "account_change_password", "mfa_index", "mfa_reauthenticate",
    "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn", "mfa_edit_webauthn",
}  # fmt: skip
