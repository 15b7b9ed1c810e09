"""Connects an account by API, on pages of your own: here the page is the terminal."""

import json
import os
import sys
from urllib.error import HTTPError
from urllib.request import Request, urlopen

URL = os.environ["LINCHPIN_URL"]
KEY = os.environ["LINCHPIN_API_KEY"]


class Refused(Exception):
    """The answer was an error."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def call(method, path, body=None):
    headers = {"apikey": KEY}
    if body is not None:
        headers["Content-Type"] = "application/json"
        body = json.dumps(body).encode()
    try:
        with urlopen(Request(f"{URL}/v2/link/{path}", body, headers, method=method), timeout=60) as answer:
            return json.load(answer)
    except HTTPError as error:
        raise Refused(error.code, json.load(error)["error"]) from None


WAYS = ("app", "phone", "email", "face", "forceFace", "question", "shown")


def question(factor):
    """What to type, in words: a page of yours says it better."""
    prompt = factor.get("prompt", {})
    asked = {
        "app": "Code of your authenticator app",
        "phone": f"Code that was texted to the number ending in {factor.get('phoneLast4')}",
        "email": f"Code that was sent to {factor.get('emailHint')}",
        "question": prompt.get("text"),
        "shown": f"{prompt.get('picture')} {prompt.get('text')}",
    }[factor["method"]]
    return f'{asked} (or "resend", or another way of {", ".join(factor["options"])}): '


class Flow:
    """One session."""

    def __init__(self, username):
        self.username = username
        self.path = call("POST", "init", {"mode": "whitelabel"})["clientSecret"] + "/whitelabel"

    def status(self, after=None):
        return call("GET", f"{self.path}/status" + (f"?wait=25&after={after}" if after else ""))

    def log_in(self):
        password = input(f"Password of {self.username}: ")
        body = {"username": self.username, "password": password, "wait": 25}
        answer = call("POST", f"{self.path}/login", body)
        if "error" in answer:
            print(answer["error"])
        return answer["data"]

    def second_factor(self, factor):
        """One answer of the user; tells where the session stands then."""
        if factor["method"] in ("face", "forceFace"):
            print("Approve the sign-in on your other device.")
            return self.status(after="awaiting_2fa")
        typed = input(question(factor)).strip()
        if typed == "resend":
            call("PATCH", f"{self.path}/2fa/code")
        elif typed in WAYS:
            call("PATCH", f"{self.path}/2fa/method", {"method": typed})
        else:
            answer = call("POST", f"{self.path}/2fa/code", {"code": typed})
            if "error" in answer:
                print(answer["error"])
        return self.status()

    def step(self, now):
        if now["status"] in ("initialized", "invalid_credentials"):
            return self.log_in()
        if now["status"] == "pending":
            return self.status(after="pending")
        return self.second_factor(now["data"]["twoFactorState"])


def main():
    flow = Flow(sys.argv[1])
    now = {"status": "initialized"}
    while now["status"] in ("initialized", "invalid_credentials", "pending", "awaiting_2fa"):
        try:
            now = flow.step(now)
        except Refused as refused:
            # What the user asked for cannot be had: no such way, or no more codes.
            if refused.status not in (400, 429):
                raise
            print(refused)
    if now["status"] == "completed":
        print("connected", now["data"]["id"])
        return 0
    print(now["status"], now.get("data", {}).get("errorCode", ""))
    return 1


if __name__ == "__main__":
    sys.exit(main())
