"""One NetSuite account as the adapter sees it: credentials, addresses, choices; no database behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings

from common.errors import NeedsPerson
from erps.models import AuthKind, ErpConnection

API_DOMAIN = ".suitetalk.api.netsuite.com"
SERVICES = "/services/rest"


def realm_of(account_id: str) -> str:
    """The account id as TBA's realm wants it: upper case, underscore (`1234567_SB1`)."""
    return account_id.strip().replace("-", "_").upper()


def host_label_of(account_id: str) -> str:
    """The account id as it stands in host names: lower case, hyphen (`1234567-sb1`)."""
    return account_id.strip().replace("_", "-").lower()


def check_address(url: str) -> None:
    """Refuse an API address outside NetSuite.

    Only `https://*.suitetalk.api.netsuite.com` passes, unless DEBUG is on or HUB_EXTRA_API_HOSTS names the host
    (`host` or `host:port`). Raises NeedsPerson ERP_ADDRESS_REFUSED.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").lower()
    if parts.scheme in ("http", "https") and host:
        if settings.DEBUG or {host, parts.netloc.lower()} & {h.lower() for h in settings.HUB_EXTRA_API_HOSTS}:
            return
        if parts.scheme == "https" and host.endswith(API_DOMAIN) and parts.username is None:
            return
    raise NeedsPerson(
        "ERP_ADDRESS_REFUSED",
        f"'{url}' is not an address of NetSuite, so nothing is sent there.",
        field="base_url",
        value=url,
    )


@dataclass(frozen=True, slots=True)
class Account:
    """What the adapter needs of an ErpConnection. `base_url` is "" or the override of the service address."""

    connection_id: int
    name: str
    account_id: str
    base_url: str
    auth_kind: str
    client_id: str
    certificate_id: str
    algorithm: str
    private_key: str
    consumer_secret: str
    token_id: str
    token_secret: str
    order_id_field: str
    order_url_field: str
    line_id_field: str

    @classmethod
    def of(cls, connection: ErpConnection) -> Self:
        """Copy a connection's values."""
        return cls(
            connection_id=connection.pk,
            name=connection.name,
            account_id=connection.account_id,
            base_url=connection.base_url.rstrip("/"),
            auth_kind=AuthKind(connection.auth_kind).value,
            client_id=connection.client_id,
            certificate_id=connection.certificate_id,
            algorithm=connection.algorithm,
            private_key=connection.private_key,
            consumer_secret=connection.consumer_secret,
            token_id=connection.token_id,
            token_secret=connection.token_secret,
            order_id_field=connection.order_id_field,
            order_url_field=connection.order_url_field,
            line_id_field=connection.line_id_field,
        )

    @property
    def realm(self) -> str:
        """Realm of TBA headers."""
        return realm_of(self.account_id)

    @property
    def service_url(self) -> str:
        """Root of the REST services, without a slash at the end: `https://.../services/rest`."""
        if not self.base_url:
            return f"https://{host_label_of(self.account_id)}{API_DOMAIN}{SERVICES}"
        return self.base_url if self.base_url.endswith(SERVICES) else self.base_url + SERVICES

    @property
    def token_url(self) -> str:
        """The token endpoint, which is also the audience of the client assertion."""
        return f"{self.service_url}/auth/oauth2/v1/token"

    @property
    def pages_url(self) -> str:
        """Root of the pages a person opens."""
        if not self.base_url:
            return f"https://{host_label_of(self.account_id)}.app.netsuite.com"
        return self.base_url.removesuffix(SERVICES)
