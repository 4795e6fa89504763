"""The certificate a connection signs in with: only its last day is of interest; it is not kept."""

from __future__ import annotations

from datetime import date

from cryptography import x509


def last_day(pem: str) -> date:
    """The last day (UTC) of a certificate in PEM. ValueError with what is wrong, in words for people."""
    if "PRIVATE KEY-----" in pem:
        raise ValueError(
            "This holds the private key. Paste the certificate only: -----BEGIN CERTIFICATE-----."
        )
    try:
        return x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc.date()
    except ValueError as error:
        raise ValueError(
            "This is not a certificate in PEM form. It starts with -----BEGIN CERTIFICATE-----."
        ) from error
