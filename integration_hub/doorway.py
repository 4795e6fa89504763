"""Webhooks go straight to their view: no session, no user, no message, no cookie is looked at or made for them."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBadRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve

PREFIX = "/webhooks/"


class Doorway:
    """Middleware that answers addresses under /webhooks/ itself. It stands after the one that insists on https."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The view's own answer for an address under /webhooks/; everything else goes the usual way."""
        if not request.path_info.startswith(PREFIX):
            return self.get_response(request)
        try:
            request.get_host()
            found = resolve(request.path_info)
        except DisallowedHost:
            return HttpResponseBadRequest(
                "The hub does not answer to this host name.", content_type="text/plain"
            )
        except Resolver404:
            return self.get_response(request)
        answer: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
        return answer
