"""google-auth: calls profile-service, or verifies a token; prints one line, a word and what belongs to it."""

import os
import sys

import jwt
from google.auth import identity_pool
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2 import id_token

AUDIENCE = os.environ["PROFILE_AUDIENCE"]


def call():
    """With the credentials of this environment: the metadata server, or the key that a file holds.

    On a private service Cloud Run checks the second header, and leaves the first one, the library's, to the service.
    """
    credentials = id_token.fetch_id_token_credentials(AUDIENCE, Request())
    credentials.refresh(Request())
    second = {"X-Serverless-Authorization": f"Bearer {credentials.token}"}
    show(AuthorizedSession(credentials).get(url(), headers=second))


def federated():
    """The library brings an access token. The step from there to an ID token is ours: its own knows one host only."""
    file = os.environ["GOOGLE_APPLICATION_CREDENTIALS"]
    scopes = ["https://www.googleapis.com/auth/cloud-platform"]
    session = AuthorizedSession(identity_pool.Credentials.from_file(file, scopes=scopes))
    account = f"{os.environ['IAM_CREDENTIALS_URL']}/v1/projects/-/serviceAccounts/{os.environ['TARGET']}"
    answer = session.post(f"{account}:generateIdToken", json={"audience": AUDIENCE, "includeEmail": True})
    answer.raise_for_status()
    token = answer.json()["token"]
    show(Request().session.get(url(), headers={"Authorization": f"Bearer {token}"}))


def verify():
    """The token on standard input. Certs that cannot be had raise another error, and are no refusal."""
    try:
        certs_url = os.environ["CERTS_URL"]
        claims = id_token.verify_token(sys.stdin.read().strip(), Request(), audience=AUDIENCE, certs_url=certs_url)
        print("accepted", claims["email"])
    except (ValueError, jwt.PyJWTError) as refusal:
        print("refused", type(refusal).__name__, refusal)


def url():
    return os.environ["PROFILE_URL"] + "/profiles/ada"


def show(answer):
    print("status", answer.status_code)


{"call": call, "federated": federated, "verify": verify}[sys.argv[1]]()
