"""What the site is for: notes and files, as pages for whoever is signed in and as an API for whoever has a token."""

import hashlib
import json
from collections import defaultdict

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, JsonResponse, StreamingHttpResponse
from django.utils.html import format_html
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from rest_framework.decorators import api_view

PIECE = 64 * 1024

kept = defaultdict(list)


def the_notes(request, told):
    """The notes of an account; what is told becomes another."""
    own = kept[request.user.pk]
    if request.method == "GET":
        return JsonResponse({"notes": own, "query": request.GET.dict()})
    own.append(told["text"])
    return JsonResponse({"number": len(own), "text": told["text"]}, status=201)


def the_upload(request):
    """What has arrived, file by file."""
    files = {name: described(file) for name, file in request.FILES.items()}
    return JsonResponse({"fields": request.POST.dict(), "files": files}, status=201)


def described(file):
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)
    return {"name": file.name, "length": file.size, "sha256": digest.hexdigest()}


def the_download(length):
    """So many bytes, piece by piece, without saying beforehand how many."""
    pieces = (b"x" * min(PIECE, length - begin) for begin in range(0, length, PIECE))
    return StreamingHttpResponse(pieces, content_type="application/octet-stream")


@login_required
@require_GET
def profile(request):
    user = request.user
    return HttpResponse(
        format_html(
            "<!DOCTYPE html><title>Profile</title><main data-member='{}'><h1>{}</h1><p>Signed in as "
            "<strong class='username'>{}</strong>, <a href='mailto:{}'>e-mail</a></p></main>",
            user.pk,
            user.get_full_name(),
            user.get_username(),
            user.email,
        )
    )


@login_required
@require_http_methods(["GET", "POST"])
def notes(request):
    return the_notes(request, json.loads(request.body) if request.method == "POST" else None)


@login_required
@require_POST
def upload(request):
    return the_upload(request)


@login_required
@require_GET
def download(request, length):
    return the_download(length)


@api_view(["GET"])
def api_me(request):
    user = request.user
    return JsonResponse(
        {"id": user.pk, "username": user.get_username(), "name": user.get_full_name(), "email": user.email}
    )


@api_view(["GET", "POST"])
def api_notes(request):
    return the_notes(request, request.data)


@api_view(["POST"])
def api_upload(request):
    return the_upload(request)


@api_view(["GET"])
def api_download(request, length):
    return the_download(length)
