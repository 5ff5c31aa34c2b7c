"""The permission of every page, written down a second time: a page that is new or changed fails until it is here."""

from amparo.accounts.permissions import Permission

MATRIX = {
    "home": Permission.OWN_ACCOUNT,
}
EXAMPLES: dict[str, str] = {}  # values of routes, other than the case's

# Without a log-in: the invitation's link is its own key, and log-in itself.
OPEN = {"welcome", "account_login", "mfa_login_webauthn", "mfa_authenticate"}
# allauth's pages of one's own account; they name no other person and no case.
THEIRS = {
    "account_logout", "account_reauthenticate", "account_change_password", "mfa_index", "mfa_reauthenticate",
    "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn", "mfa_edit_webauthn",
}  # fmt: skip
