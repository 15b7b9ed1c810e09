"""What the packages leave to the site: access tokens that can be called back, and locks that hold for its API, too."""

from collections import defaultdict

from axes.signals import user_locked_out
from django.dispatch import receiver
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken

used = defaultdict(set)
called_back = set()


class Authentication(JWTAuthentication):
    def get_user(self, validated_token):
        user = super().get_user(validated_token)
        token = validated_token["jti"]
        if token in called_back:
            raise InvalidToken()
        used[user.pk].add(token)
        return user


def call_back(user):
    """Ends the access tokens that this account has used so far, and leaves its refresh tokens alive."""
    called_back.update(used.pop(user.pk, set()))


@receiver(user_locked_out)
def refuse(request, **_):
    """As the documentation of django-axes says to do it with the REST framework."""
    if isinstance(request, Request):
        raise PermissionDenied("Too many failed login attempts")
