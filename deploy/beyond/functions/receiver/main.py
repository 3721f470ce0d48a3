"""A function in place of profile-service: verifies the token itself, and lets in the callers on its list."""

import json
import os

import functions_framework
import requests
from cachecontrol import CacheControl
from google.auth.exceptions import TransportError
from google.auth.transport.requests import Request
from google.oauth2 import id_token

AUDIENCE = os.environ["AUDIENCE"]
ALLOWED_CALLERS = frozenset(filter(None, os.environ["ALLOWED_CALLERS"].split(",")))
with open(os.environ["PROFILES_FILE"], encoding="utf-8") as file:
    PROFILES = {profile["username"]: profile for profile in json.load(file)}
# Without a cache each request would fetch Google's certs.
CERTS = Request(CacheControl(requests.Session()))


@functions_framework.http
def profile(request):
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        return problem(401, "an ID token is needed", "Bearer")
    try:
        claims = id_token.verify_oauth2_token(token, CERTS, AUDIENCE, clock_skew_in_seconds=30)
    except TransportError:
        return problem(503, "no certs to check ID tokens with")
    except Exception as refusal:  # the library has no one type for a token that is not genuine
        # The kind only: some of the texts hold the token.
        print(f"refused: {type(refusal).__name__}")
        return problem(401, "the ID token is not accepted", 'Bearer error="invalid_token"')
    # Any account of any project gets a genuine token for this audience.
    if claims.get("email_verified") is not True or claims.get("email") not in ALLOWED_CALLERS:
        return problem(403, "the caller is not on the list", 'Bearer error="insufficient_scope"')
    kind, _, username = request.path.strip("/").partition("/")
    found = PROFILES.get(username) if kind == "profiles" else None
    return found or problem(404, "no such profile")


def problem(status, title, challenge=None):
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    if challenge:
        headers["WWW-Authenticate"] = challenge
    return json.dumps({"status": status, "title": title}), status, headers
