"""Verifies deliveries as their receivers would. Reads JSON lines, and answers each with who accepts it."""

import hashlib
import hmac
import json
import sys

import standardwebhooks.webhooks
import svix.webhooks


def check_ofauth(secret, header, body):
    timestamp, signatures = "", []
    for part in header.split(","):
        name, value = part.split("=", 1)
        if name == "t":
            timestamp = value
        elif name == "v1":
            signatures.append(value)
    signed = timestamp.encode() + b"." + body
    wanted = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return any(hmac.compare_digest(wanted, given) for given in signatures)


def check_ofauth_simply(secret, header, body):
    """Of a reader that knows of one signature only."""
    parts = dict(part.split("=", 1) for part in header.split(","))
    signed = parts["t"].encode() + b"." + body
    return hmac.compare_digest(hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest(), parts["v1"])


def check(library, family, delivery):
    headers = {name: value for name, value in delivery["headers"].items() if name.startswith(family)}
    try:
        library.Webhook(delivery["secret"]).verify(delivery["body"].encode(), headers)
    except library.WebhookVerificationError:
        return False
    return True


for line in sys.stdin:
    delivery = json.loads(line)
    ofauth = (delivery["secret"], delivery["headers"]["ofauth-signature"], delivery["body"].encode())
    verdicts = {
        "standardwebhooks": check(standardwebhooks.webhooks, "webhook-", delivery),
        "svix": check(svix.webhooks, "svix-", delivery),
        "ofauth": check_ofauth(*ofauth),
        "ofauth, simply": check_ofauth_simply(*ofauth),
    }
    print(json.dumps(verdicts))
