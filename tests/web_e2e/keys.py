"""For the account (UUID) given: ``token`` makes an API token with every scope, ``factor`` sets up an app for codes.

Works in the home of the environment, and prints the secret.
"""

import sys

from amparo.cli.start import start


def main() -> None:
    """After Django was set up."""
    installation = start()
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import generate_totp_secret
    from allauth.mfa.utils import encrypt

    from amparo.accounts.models import User
    from amparo.casework.tokens import make_token
    from amparo.workbench.urls import api

    user = User.objects.get(uuid=sys.argv[2])
    if sys.argv[1] == "token":
        print(make_token(installation.acting(user.actor), user, "tests", api.SCOPES, 1)[1])
    else:
        secret = generate_totp_secret()
        Authenticator.objects.filter(user=user).update(data={"secret": encrypt(secret)})
        print(secret)


if __name__ == "__main__":
    main()
