"""Both functions, served as a function is, with keys made here in place of Google's, and no network."""

import contextlib
import datetime
import http.server
import io
import json
import os
import pathlib
import sys
import threading
import time
import types
import unittest
from unittest import mock

import functions_framework
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import crypt, exceptions, jwt


class Receiver(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        profiles = HERE.parents[1] / "local" / "profiles.json"
        variables = {"AUDIENCE": AUDIENCE, "ALLOWED_CALLERS": f"{LOGIN},", "PROFILES_FILE": str(profiles)}
        cls.client, cls.main = served("receiver", "profile", variables)
        cls.signer, certificate = key_pair()
        cls.main.CERTS = lambda *_, **__: types.SimpleNamespace(status=200, data=json.dumps({"1": certificate}).encode())

    def status(self, authorization=None, path="/profiles/ada"):
        with contextlib.redirect_stdout(io.StringIO()) as log:
            answer = self.client.get(path, headers={"Authorization": authorization} if authorization else {})
        if authorization:
            self.assertNotIn(authorization.split()[-1], log.getvalue() + answer.text)
        return answer.status_code

    def token(self, signer=None, **changed):
        now = int(time.time())
        claims = {"iss": "https://accounts.google.com", "aud": AUDIENCE, "sub": "1", "iat": now, "exp": now + 3600}
        claims |= {"email": LOGIN, "email_verified": True} | changed
        return "Bearer " + jwt.encode(signer or self.signer, claims).decode()

    def test_a_caller_on_the_list_gets_the_profile(self):
        answer = self.client.get("/profiles/ada", headers={"Authorization": self.token()})
        self.assertEqual((answer.status_code, answer.json["username"]), (200, "ada"))
        self.assertEqual(self.status(self.token().replace("Bearer", "bearer")), 200)
        self.assertEqual(self.status(self.token(iat=int(time.time()) + 10)), 200, "clocks differ a little")

    def test_nothing_else_is_found(self):
        for path in ["/profiles/nobody", "/profiles/", "/profiles", "/", "/ada", "/other/ada"]:
            self.assertEqual(self.status(self.token(), path), 404, path)

    def test_who_is_not_known_gets_401(self):
        now = int(time.time())
        removed = self.token().rsplit(".", 1)[0] + ".SIGNATURE_REMOVED_BY_GOOGLE"
        tokens = {
            "none": None,
            "another scheme": self.token().replace("Bearer", "Basic"),
            "empty": "Bearer",
            "rubbish": "Bearer rubbish",
            "forged": self.token(signer=key_pair()[0]),
            "signature removed": removed,
            "without the path": self.token(aud="https://europe-west1-some-project.cloudfunctions.net"),
            "expired": self.token(iat=now - 7200, exp=now - 3600),
            "another issuer": self.token(iss="https://issuer.example"),
        }
        for name, token in tokens.items():
            self.assertEqual(self.status(token), 401, name)

    def test_who_is_known_and_not_on_the_list_gets_403(self):
        for changed in [{"email": "stranger@other.iam.gserviceaccount.com"}, {"email_verified": False}, {"email": ""}]:
            self.assertEqual(self.status(self.token(**changed)), 403, changed)

    def test_without_certs_it_is_the_receivers_fault(self):
        with mock.patch.object(self.main, "CERTS", mock.Mock(side_effect=exceptions.TransportError("down"))):
            self.assertEqual(self.status(self.token()), 503)


class Caller(unittest.TestCase):
    def setUp(self):
        self.requests, self.answer = [], (200, {"username": "ada"})
        server = http.server.HTTPServer(("127.0.0.1", 0), receiver_that_notes(self))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_port}"
        self.client, self.main = served("caller", "call_profile", {"PROFILE_URL": url, "PROFILE_AUDIENCE": AUDIENCE})
        self.source = mock.Mock(valid=False, token="a-token")
        self.source.refresh = mock.Mock(side_effect=lambda _: setattr(self.source, "valid", True))
        patched = mock.patch.object(self.main.id_token, "fetch_id_token_credentials", return_value=self.source)
        self.fetch = patched.start()
        self.addCleanup(patched.stop)

    def status(self, username="ada"):
        with contextlib.redirect_stdout(io.StringIO()) as log:
            answer = self.client.get("/", query_string={"username": username})
        self.assertNotIn("a-token", log.getvalue() + answer.text)
        return answer.status_code

    def test_the_token_is_in_both_headers_and_kept(self):
        self.assertEqual([self.status(), self.status()], [200, 200])
        self.assertEqual({r[1:] for r in self.requests}, {("Bearer a-token", "Bearer a-token")})
        self.assertEqual([call.args[0] for call in self.fetch.call_args_list], [AUDIENCE])
        self.assertEqual(self.source.refresh.call_count, 1)

    def test_a_name_stays_one_segment(self):
        self.status("../whoami?x")
        self.assertEqual(self.requests.pop()[0], "/profiles/..%2Fwhoami%3Fx")
        self.assertEqual([self.status(name) for name in ["..", ".", ""]], [400, 400, 400])
        self.assertEqual(self.requests, [])

    def test_a_refusal_a_redirect_and_a_source_that_fails_are_502(self):
        self.answer = (403, {})
        self.assertEqual(self.status(), 502)
        self.answer = (302, {})
        self.assertEqual(self.status(), 502)
        self.assertEqual(len(self.requests), 2, "the redirect was followed")
        self.source.valid, self.source.refresh = False, mock.Mock(side_effect=exceptions.RefreshError("no"))
        self.assertEqual(self.status(), 502)


def served(folder, target, variables):
    with mock.patch.dict(os.environ, variables):
        app = functions_framework.create_app(target, str(HERE / folder / "main.py"))
    return app.test_client(), sys.modules["main"]


def key_pair():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name, now = x509.Name([]), datetime.datetime.now(datetime.UTC)
    certificate = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    certificate = certificate.serial_number(1).not_valid_before(now).not_valid_after(now + datetime.timedelta(hours=1))
    pem = certificate.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return crypt.RSASigner.from_string(private, key_id="1"), pem


def receiver_that_notes(test):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            headers = (self.headers["Authorization"], self.headers["X-Serverless-Authorization"])
            test.requests.append((self.path, *headers))
            status, body = test.answer
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "/elsewhere")
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_):
            pass

    return Handler


HERE = pathlib.Path(__file__).parent
AUDIENCE = "https://europe-west1-some-project.cloudfunctions.net/profile"
LOGIN = "login-service@some-project.iam.gserviceaccount.com"

if __name__ == "__main__":
    unittest.main()
