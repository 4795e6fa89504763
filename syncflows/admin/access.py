"""Who may see and do what on the people's pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar, cast

from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin
from unfold.decorators import action

from common.admin import ReadOnly

F = TypeVar("F", bound=Callable[..., Any])

VIEW = "syncflows.view_order"
RETRY = "syncflows.retry_order"


def may(request: HttpRequest, permission: str) -> bool:
    """Whether the signed-in person holds a permission."""
    return request.user.has_perm(permission)


def deed(**options: Any) -> Callable[[F], F]:
    """Unfold's `action` with its arguments, typed as what it is: a decorator that leaves a function."""
    return cast("Callable[[F], F]", action(**options))


class FactsAdmin(ReadOnly, ModelAdmin):  # type: ignore[misc] # see common.admin
    """An admin of facts: seen by whoever may view orders, changed by nobody here."""

    empty_words: ClassVar[str] = ""
    """What a list says when it holds nothing at all."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may(request, VIEW)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may(request, VIEW)
