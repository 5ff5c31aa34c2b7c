"""Addresses of the staff site: the workbench, and of allauth only what log-in and second factors need.

Signing up, mail addresses and password resets by mail are not routed: people are invited, and nothing is mailed.
"""

from allauth.account import views as account
from django.urls import include, path

from amparo.workbench import errors
from amparo.workbench.account.pages import remove_passkey
from amparo.workbench.urls import urlpatterns as workbench

urlpatterns = [
    path("account/login/", account.login, name="account_login"),
    path("account/logout/", account.logout, name="account_logout"),
    path("account/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("account/password/", account.password_change, name="account_change_password"),
    path("account/second-factor/webauthn/keys/<int:pk>/remove/", remove_passkey, name="mfa_remove_webauthn"),
    path("account/second-factor/", include("allauth.mfa.urls")),
    *workbench,
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.failed
