"""A connector of Linchpin's: answers its questions about the Notebook, which is in notebook.py."""

import base64
import hashlib
import hmac
import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import notebook

MESSAGE_MAX = 256 * 1024
TOLERANCE = 300


class Unavailable(Exception):
    """The platform cannot be asked."""


class Signatures:
    """Signs answers, and knows Linchpin's questions by their signatures."""

    def __init__(self, text):
        self.keys = [base64.b64decode(line.removeprefix("whsec_")) for line in text.split()]
        self.seen = {}
        self.lock = threading.Lock()

    def of(self, key, id, timestamp, body):
        mac = hmac.new(key, f"{id}.{timestamp}.".encode() + body, hashlib.sha256)
        return "v1," + base64.b64encode(mac.digest()).decode()

    def sign(self, id, status, body):
        now = str(int(time.time()))
        signature = self.of(self.keys[0], id, now, f"{status}.".encode() + body)
        return {"webhook-id": id, "webhook-timestamp": now, "webhook-signature": signature}

    def is_question(self, headers, body):
        """Whether this was signed by Linchpin, about now, and comes for the first time."""
        id, timestamp, given = (headers.get(f"webhook-{name}", "") for name in ("id", "timestamp", "signature"))
        now = time.time()
        if not id.startswith("q_") or not timestamp.isdecimal() or abs(now - int(timestamp)) > TOLERANCE:
            return False
        right = [self.of(key, id, timestamp, body) for key in self.keys]
        if not any(hmac.compare_digest(a.encode(), b.encode()) for a in right for b in given.split()):
            return False
        with self.lock:
            self.seen = {old: at for old, at in self.seen.items() if now - at <= 2 * TOLERANCE}
            return id not in self.seen and self.seen.setdefault(id, now) == now


class Platform:
    """The Notebook's own API, through the outbound proxy that Linchpin names, and never past it."""

    def __init__(self, question):
        proxy = question.get("proxy")
        if proxy and not proxy.startswith("http://"):
            raise Unavailable("Python's own client knows no such proxy")
        self.opener = build_opener(ProxyHandler({"http": proxy, "https": proxy} if proxy else {}))
        self.timeout = min(question.get("withinMs", 10_000) / 1000, 10)

    def ask(self, method, path, body=None, token=None):
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        body = json.dumps(body).encode() if body is not None else None
        request = Request(os.environ["NOTEBOOK_URL"] + path, body, headers, method=method)
        try:
            with self.opener.open(request, timeout=self.timeout) as answer:
                return answer.status, json.loads(answer.read(MESSAGE_MAX) or "{}")
        except HTTPError as error:
            if error.code in (401, 410, 423):
                return error.code, {}
            raise Unavailable from None
        except OSError:
            raise Unavailable from None


def session(given):
    """What Linchpin keeps, sealed. It attaches the headers itself, and has a look before it uses what is stale."""
    headers = {"Authorization": f"Bearer {given['token']}"}
    stale_at = int((time.time() + given["expiresIn"] - 10) * 1000)
    return {"token": given["token"], "refresh": given["refresh"], "headers": headers, "staleAt": stale_at}


def signed_in(platform, given):
    _, me = platform.ask("GET", "/me", token=given["token"])
    return {"outcome": "signedIn", "account": me, "session": session(given)}


def sign_in(platform, question):
    status, given = platform.ask("POST", "/login", {name: str(question[name]) for name in ("username", "password")})
    if status == 202:
        challenge = {"methods": ["phone"], "phone": {"hint": given["phone"], "resendAfter": 0}}
        return {"outcome": "secondFactor", "challenge": challenge, "progress": {"ticket": given["ticket"]}}
    return signed_in(platform, given) if status == 200 else {"outcome": {423: "locked"}.get(status, "wrongCredentials")}


def second_factor(platform, question):
    progress = question["progress"]
    if not progress or question.get("method") != "phone":
        return {"outcome": "declined"}
    status, given = platform.ask("POST", "/code", {"ticket": progress["ticket"], "code": question["code"]})
    return signed_in(platform, given) if status == 200 else {"outcome": {410: "declined"}.get(status, "wrongCode")}


def ask(platform, question):
    if not question["progress"] or question["method"] != "phone":
        return {"outcome": "notNow"}
    platform.ask("POST", "/text", question["progress"])
    return {"outcome": "done"}


def look(platform, question):
    kept = question["session"]
    if kept.get("staleAt", 0) > time.time() * 1000:
        status, me = platform.ask("GET", "/me", token=kept["token"])
        if status == 200:
            return {"outcome": "alive", "account": me}
    status, given = platform.ask("POST", "/refresh", {"refresh": kept.get("refresh", "")})
    if status != 200:
        return {"outcome": "dead", "why": "signedOut"}
    renewed = signed_in(platform, given)
    return {"outcome": "alive", "account": renewed["account"], "session": renewed["session"]}


def profile(platform, question):
    status, me = platform.ask("GET", "/me", token=question["session"].get("token", ""))
    return {"outcome": "answered", "profile": me} if status == 200 else {"outcome": "signedOut"}


def sign_out(platform, question):
    platform.ask("POST", "/logout", {}, question["session"].get("token", ""))
    return {"outcome": "done"}


def description(*_):
    return {"contract": 1, "name": "Notebook", "version": "1.0.0"}


QUESTIONS = {"description": description, "sign-in": sign_in, "second-factor": second_factor, "ask": ask, "look": look,
             "profile": profile, "sign-out": sign_out}


class Connector(BaseHTTPRequestHandler):
    """POST /v1/{question}."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    wbufsize = -1

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MESSAGE_MAX:
            # What was not read would be taken for the next question.
            self.close_connection = True
            return self.answer(413, {"error": "a question has a length, of at most 256 KiB"})
        body = self.rfile.read(int(length))
        if not self.server.signatures.is_question(self.headers, body):
            return self.answer(401, {"error": "this is not signed by Linchpin, is old, or was there before"})
        self.answer(*self.reply(body), "a_" + self.headers["webhook-id"].removeprefix("q_"))

    def reply(self, body):
        name = self.path.removeprefix("/v1/")
        try:
            question = json.loads(body)
            if question["question"] != name:
                return 400, {"error": "the question does not belong to the path"}
            if name not in QUESTIONS:
                return 404, {"error": "there is no such question"}
            return 200, QUESTIONS[name](Platform(question), question)
        except Unavailable:
            return 200, {"outcome": "unavailable"}
        except (KeyError, TypeError, ValueError, AttributeError):
            return 400, {"error": "the question is not of the contract"}

    def answer(self, status, answer, id=None):
        body = json.dumps(answer).encode()
        self.send_response(status)
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        if self.close_connection:
            headers["Connection"] = "close"
        for name, value in (headers | (self.server.signatures.sign(id, status, body) if id else {})).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Nothing of a question or an answer is logged."""


def serve(port, handler, signatures=None):
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.signatures = signatures
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}"


def main():
    with open(os.environ["CONNECTOR_SECRET_FILE"], encoding="ascii") as file:
        signatures = Signatures(file.read())
    os.environ.setdefault("NOTEBOOK_URL", serve(int(os.environ.get("NOTEBOOK_PORT", "7501")), notebook.Notebook))
    url = serve(int(os.environ.get("PORT", "7500")), Connector, signatures)
    print(json.dumps({"connector": url, "platform": os.environ["NOTEBOOK_URL"]}), flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
