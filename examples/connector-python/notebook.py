"""The Notebook: a small platform in memory, with passwords, texted codes, tokens that run out, and sign-out."""

import json
import secrets
import time
from http.server import BaseHTTPRequestHandler

ACCOUNTS = {
    "ada": {"id": "n-1", "name": "Ada Lovelace", "password": "correct horse"},
    "bob": {"id": "n-2", "name": "Bob Noyce", "password": "battery staple", "code": "246810", "phone": "0199"},
    "mallory": {"id": "n-3", "name": "Mallory", "password": "staple horse", "locked": True},
}
TOKEN_SECONDS = 300

tickets, tokens, refreshes, notes = {}, {}, {}, []


def sign_in(username):
    token, refresh = secrets.token_hex(16), secrets.token_hex(16)
    tokens[token] = (username, time.time() + TOKEN_SECONDS)
    refreshes[refresh] = (username, token)
    return 200, {"token": token, "refresh": refresh, "expiresIn": TOKEN_SECONDS}


def login(body):
    account = ACCOUNTS.get(body["username"])
    if not account or account["password"] != body["password"]:
        return 401, {}
    if account.get("locked"):
        return 423, {}
    if "code" not in account:
        return sign_in(body["username"])
    ticket = secrets.token_hex(16)
    tickets[ticket] = body["username"]
    return 202, {"ticket": ticket, "phone": account["phone"]}


def code(body):
    username = tickets.get(body["ticket"])
    if not username or ACCOUNTS[username]["code"] != body["code"]:
        return 401 if username else 410, {}
    del tickets[body["ticket"]]
    return sign_in(username)


def refresh(body):
    username, old = refreshes.pop(body["refresh"], (None, None))
    tokens.pop(old, None)
    return sign_in(username) if username else (401, {})


def sessions(body):
    """How many there are. `{"forget": "tokens"}` ends the time of all tokens, `{"forget": "all"}` what renews them, too."""
    if body.get("forget"):
        tokens.clear()
    if body.get("forget") == "all":
        refreshes.clear()
    return 200, {"sessions": len(tokens)}


OPEN = {"/login": login, "/code": code, "/refresh": refresh, "/text": lambda body: (204, {}), "/sessions": sessions}


class Notebook(BaseHTTPRequestHandler):
    """`/login`, `/code`, `/text`, `/refresh`, `/sessions`; with a bearer token `/me`, `/notes` and `/logout`."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def do_POST(self):
        path = self.path.partition("?")[0]
        body = self.body()
        if path in OPEN:
            self.answer(*OPEN[path](body))
        else:
            self.inside(path, body)

    def do_GET(self):
        self.body()
        self.inside(self.path.partition("?")[0], None)

    def body(self):
        return json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "{}")

    def inside(self, path, body):
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        username, ends = tokens.get(token, (None, 0))
        if ends < time.time():
            self.answer(401, {})
        elif path == "/me":
            account = ACCOUNTS[username]
            self.answer(200, {"id": account["id"], "name": account["name"], "username": username, "avatar": None})
        elif path == "/logout":
            del tokens[token]
            for refresh in [key for key, (_, of) in refreshes.items() if of == token]:
                del refreshes[refresh]
            self.answer(204, {})
        elif path == "/notes":
            if body is not None:
                notes.append({"by": username, "text": body.get("text")})
            self.answer(200, {"list": [note for note in notes if note["by"] == username]})
        else:
            self.answer(404, {})

    def answer(self, status, body):
        body = b"" if status == 204 else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
