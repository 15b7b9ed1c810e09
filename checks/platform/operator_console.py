"""What the operator of the site does: makes accounts, ends sessions, and looks what there is."""

import secrets

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import RefreshToken

import tokens

PASSWORD = "correct horse battery staple"


def sessions_of(user):
    """Sessions whose owner this is; one whose owner has not passed the second factor has none."""
    own = str(user.pk)
    return [session for session in Session.objects.all() if session.get_decoded().get("_auth_user_id") == own]


def refresh_tokens_of(user):
    return OutstandingToken.objects.filter(user=user, blacklistedtoken=None)


def make(second_factor):
    """An account, with an authenticator whose seed, in hexadecimal digits, is told, or without."""
    name = f"ada-{secrets.token_hex(4)}"
    user = User.objects.create_user(
        name, f"{name}@example.com", PASSWORD, first_name="Ada", last_name="Lovelace <&> Łódź"
    )
    seed = None
    if second_factor:
        key = secrets.token_bytes(20)
        TOTPDevice.objects.create(user=user, name="default", key=key.hex())
        seed = key.hex()
    return {"id": user.pk, "username": name, "password": PASSWORD, "seed": seed}


def end_sessions(user):
    """Ends all that was signed in to, so that nothing renews it."""
    for session in sessions_of(user):
        session.delete()
    for token in refresh_tokens_of(user):
        BlacklistedToken.objects.create(token=token)
    tokens.call_back(user)


def change_password(user):
    user.set_password(secrets.token_hex(8))
    user.save()


def forget_attempts(user):
    """Lets the next code be looked at, however soon it comes after a wrong one, and be one that was used before."""
    TOTPDevice.objects.filter(user=user).update(throttling_failure_count=0, throttling_failure_timestamp=None, last_t=-1)


def look_at_no_code(user):
    """As after many wrong codes."""
    TOTPDevice.objects.filter(user=user).update(throttling_failure_count=20, throttling_failure_timestamp=timezone.now())


def sign_in_elsewhere(user):
    """What a browser and an application have that the account was signed in to."""
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    token = RefreshToken.for_user(user)
    return {
        "sessionid": browser.cookies["sessionid"].value,
        "access": str(token.access_token),
        "refresh": str(token),
    }


def lock(user):
    for _ in range(settings.AXES_FAILURE_LIMIT):
        authenticate(HttpRequest(), username=user.get_username(), password="wrong")


def look(user):
    return {
        "sessions": len(sessions_of(user)),
        "refresh_tokens": refresh_tokens_of(user).count(),
        "made": OutstandingToken.objects.filter(user=user).count(),
    }


ON_AN_ACCOUNT = {
    "end_sessions": end_sessions,
    "call_back_tokens": tokens.call_back,
    "change_password": change_password,
    "forget_attempts": forget_attempts,
    "look_at_no_code": look_at_no_code,
    "sign_in_elsewhere": sign_in_elsewhere,
    "lock": lock,
    "look": look,
}


def carry_out(command, username=None, second_factor=False):
    if command == "make":
        return make(second_factor)
    return ON_AN_ACCOUNT[command](User.objects.get(username=username)) or {}
