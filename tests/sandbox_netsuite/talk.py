"""A client of the sandbox NetSuite, the demo order, and the recorded answers."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

DATA = Path(__file__).resolve().parent.parent / "data" / "netsuite"
EC_KEY = ec.generate_private_key(ec.SECP256R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def public_pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, form).decode()


def recorded(name: str) -> Any:
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))


@dataclass
class Client:
    """Calls with a fixed bearer token; `control` speaks to /_sandbox."""

    base_url: str
    session: requests.Session = field(default_factory=requests.Session)

    @property
    def token_url(self) -> str:
        return self.base_url + "/services/rest/auth/oauth2/v1/token"

    def assertion(
        self, key: Any = EC_KEY, algorithm: str = "ES256", kid: str = "cert-ec", **claims: Any
    ) -> str:
        now = int(time.time())
        body = {"iss": "demo-integration", "scope": ["rest_webservices"], "aud": self.token_url,
                "iat": now, "exp": now + 3600, **claims}  # fmt: skip
        return jwt.encode(body, key, algorithm=algorithm, headers={"kid": kid})

    def token(self, assertion: str, **form: str) -> requests.Response:
        data = {
            "grant_type": "client_credentials",
            "client_assertion_type": JWT_BEARER,
            "client_assertion": assertion,
        }
        return requests.post(self.token_url, data={**data, **form}, timeout=10)

    def register(self) -> None:
        body = {
            "certificate_id": "cert-ec",
            "client_id": "demo-integration",
            "public_key_pem": public_pem(EC_KEY),
        }
        self.control("certificates", body)

    def sign_in(self) -> None:
        self.session.headers["Authorization"] = (
            "Bearer " + self.token(self.assertion()).json()["access_token"]
        )

    def control(self, name: str, body: Any = None, method: str = "POST") -> Any:
        answer = requests.request(method, f"{self.base_url}/_sandbox/{name}", json=body, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
        url = path if path.startswith("http") else f"{self.base_url}/services/rest{path}"
        base = {"X-NetSuite-PropertyNameValidation": "Error"}
        return self.session.request(method, url, json=body, headers={**base, **headers}, timeout=20)

    def create(self, rectype: str, body: Any) -> str:
        answer = self.call("POST", f"/record/v1/{rectype}", body)
        assert answer.status_code == 204, answer.text
        return answer.headers["Location"].rsplit("/", 1)[1]

    def transform(self, source: str, target: str, body: Any = None) -> str:
        answer = self.call("POST", f"/record/v1/{source}/!transform/{target}", body or {})
        assert answer.status_code == 204, answer.text
        return answer.headers["Location"].rsplit("/", 1)[1]

    def get(self, rectype: str, key: str) -> dict[str, Any]:
        answer = self.call("GET", f"/record/v1/{rectype}/{key}?expandSubResources=true")
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def query(self, text: str, path: str = "/query/v1/suiteql") -> requests.Response:
        return self.call("POST", path, {"q": text}, Prefer="transient")

    def rows(self, text: str) -> list[dict[str, str]]:
        answer = self.query(text)
        assert answer.status_code == 200, answer.text
        return [
            {key: value for key, value in row.items() if key != "links"} for row in answer.json()["items"]
        ]

    def book(self, record: str) -> dict[str, str]:
        """Account name to signed base amount (debit positive) of one transaction."""
        entries = self.control(f"ledger?record={record}", method="GET")["entries"]
        return {e["name"]: e["debit"] if e["debit"] != "0.00" else "-" + e["credit"] for e in entries}

    def balance(self, account: str) -> str:
        rows = self.control(f"balances?account={account}", method="GET")["accounts"]
        return str(rows[0]["balance"]) if rows else "0.00"


def detail(answer: requests.Response) -> tuple[int, str, str]:
    """Status, o:errorCode and detail of an error answer."""
    body = answer.json()["o:errorDetails"][0]
    return answer.status_code, body["o:errorCode"], body["detail"]


def line(item: int, quantity: float, rate: float, amount: float, **more: Any) -> dict[str, Any]:
    return {
        "item": {"id": str(item)},
        "quantity": quantity,
        "price": {"id": "-1"},
        "rate": rate,
        "amount": amount,
        **more,
    }


def discount(amount: float, item: int = 703) -> dict[str, Any]:
    return {"item": {"id": str(item)}, "price": {"id": "-1"}, "rate": amount, "amount": amount}


def tax(reference: str, basis: float, amount: float) -> dict[str, Any]:
    return {"taxDetailsReference": {"id": reference}, "taxType": {"id": "1"}, "taxCode": {"id": "902"},
            "taxBasis": basis, "taxRate": 8.25, "taxAmount": amount}  # fmt: skip


def order_1001(**more: Any) -> dict[str, Any]:
    """2 x TEE 25.00 - 5.00, 1 x MUG 15.00 - 1.50, shipping 5.95, tax 3.71 + 1.11 = 4.82, total 69.27."""
    return {
        "externalId": "shp-1-so-1001", "entity": {"id": "2002"}, "orderStatus": {"id": "B"}, "location": {"id": "6"},
        "tranDate": "2026-11-20", "otherRefNum": "#1001", "shipMethod": {"id": "801"}, "shippingCost": 5.95,
        "taxDetailsOverride": True,
        "item": {"items": [
            line(501, 2, 25, 50, taxDetailsReference="L1", custcol_shp_line_id="11"), discount(-5),
            line(502, 1, 15, 15, taxDetailsReference="L2"), discount(-1.5),
        ]},
        "taxDetails": {"items": [tax("L1", 45, 3.71), tax("L2", 13.5, 1.11)]}, **more,
    }  # fmt: skip
