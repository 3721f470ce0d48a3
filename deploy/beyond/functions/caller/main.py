"""A function that reads a profile from profile-service, as the account that it runs as."""

import os
from functools import cache
from urllib.parse import quote

import functions_framework
import requests
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from google.oauth2 import id_token

PROFILE_URL = os.environ["PROFILE_URL"].rstrip("/")
# The URL itself, for a service on Cloud Run and for a 1st-gen function, whose path belongs to it.
PROFILE_AUDIENCE = os.environ.get("PROFILE_AUDIENCE", PROFILE_URL)


@functions_framework.http
def call_profile(request):
    username = request.args.get("username", "")
    if username in ("", ".", ".."):  # no quoting keeps these one segment of a path
        return {"error": "no user of that name"}, 400
    try:
        bearer = f"Bearer {fresh_token()}"
        answer = requests.get(
            f"{PROFILE_URL}/profiles/{quote(username, safe='')}",
            # Cloud Run checks the second and removes its signature; the first arrives as it was sent.
            headers={"Authorization": bearer, "X-Serverless-Authorization": bearer},
            allow_redirects=False,  # a redirect could carry the token elsewhere
            timeout=5,
        )
        if answer.status_code == 200:
            return answer.json()
        reason = f"status {answer.status_code}"
    except (GoogleAuthError, requests.RequestException) as error:
        # The kind only: what the text holds is for the library to decide.
        reason = type(error).__name__
    print(f"no profile: {reason}")
    return {"error": "the profile cannot be read"}, 502


def fresh_token():
    """The same token until it expires: an instance serves many requests."""
    if not credentials().valid:
        credentials().refresh(Request())
    return credentials().token


@cache
def credentials():
    return id_token.fetch_id_token_credentials(PROFILE_AUDIENCE, Request())
