"""A receiver with Flask and google-auth: /open for anyone, /protected for one caller."""

import functools
import os

import cachecontrol
import requests
from flask import Flask, abort, request
from google.auth.transport.requests import Request
from google.oauth2 import id_token
from werkzeug.datastructures import WWWAuthenticate

CERTS_URL = os.environ["PEM_CERTS_URL"]
AUDIENCE = os.environ["AUDIENCE"]
ALLOWED_CALLER = os.environ["ALLOWED_CALLER"]
ISSUERS = ("https://accounts.google.com", "accounts.google.com")

# google-auth asks for the certs at every verification. Its documentation recommends this cache, without which
# each request would be a fetch.
CERTS = Request(session=cachecontrol.CacheControl(requests.session()))

app = Flask(__name__)


def caller_required(view):
    @functools.wraps(view)
    def checked(*args, **kwargs):
        claims = verified_claims(request.authorization)
        if claims.get("email_verified") is not True or claims.get("email") != ALLOWED_CALLER:
            abort(403)
        return view(*args, **kwargs)

    return checked


def greet():
    return {"greeting": "hello"}


app.add_url_rule("/open", "open", greet)
app.add_url_rule("/protected", "protected", caller_required(greet))


def verified_claims(authorization):
    """What `id_token.verify_oauth2_token` does, which takes no other place for the certs than Google's."""
    if authorization is None or authorization.type != "bearer" or not authorization.token:
        unauthorized()
    try:
        claims = id_token.verify_token(authorization.token, CERTS, audience=AUDIENCE, certs_url=CERTS_URL)
    except ValueError:
        unauthorized()
    if claims.get("iss") not in ISSUERS:
        unauthorized()
    return claims


def unauthorized():
    abort(401, www_authenticate=WWWAuthenticate("bearer"))
