"""The demo's folder: secrets made once and private, one demo at a time, settings of its own."""

from __future__ import annotations

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from integration_hub.demo.failures import InUse
from integration_hub.demo.place import Place, Ports, free_port, is_free, setting_names

PORTS = Ports(web=8001, shopify=8801, netsuite=8802)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = Place(tmp_path / "demo")
    found.take(fresh=False)
    yield found
    found.release()


def settings_of(place: Place) -> dict[str, str]:
    lines = place.settings_file.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


def test_settings_are_those_of_a_real_installation_and_private(place: Place) -> None:
    place.write_settings(PORTS)
    values = settings_of(place)
    assert values["DEBUG"] == "0"
    assert values["HTTPS_ONLY"] == "0"
    assert values["HUB_EXTRA_API_HOSTS"] == "127.0.0.1:8801,127.0.0.1:8802"
    assert values["HUB_PUBLIC_URL"] == "http://127.0.0.1:8001"
    assert len(values["HUB_SECRET_KEYS"]) >= 32
    assert set(values) <= setting_names()
    for file in (place.settings_file, place.folder / "kept.json"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_secrets_stay_the_same_from_run_to_run_until_it_starts_over(place: Place) -> None:
    place.write_settings(PORTS)
    kept = settings_of(place)["HUB_SECRET_KEYS"]
    place.write_settings(Ports(web=1, shopify=2, netsuite=3))
    assert settings_of(place)["HUB_SECRET_KEYS"] == kept
    place.release()
    place.take(fresh=True)
    assert not place.settings_file.exists()
    place.write_settings(PORTS)
    assert settings_of(place)["HUB_SECRET_KEYS"] != kept


def test_a_second_demo_in_the_same_folder_is_refused_and_told_where_the_first_is(place: Place) -> None:
    place.note("http://127.0.0.1:8000")
    with pytest.raises(InUse, match=r"running here already \(process \d+, http://127\.0\.0\.1:8000\)"):
        Place(place.folder).take(fresh=True)


def test_a_port_asked_for_must_be_free_and_one_not_asked_for_gives_way(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert not is_free(port)
        assert free_port(port) != port
        with pytest.raises(InUse, match=f"Port {port} is taken"):
            place.ports(port)


def test_ports_are_kept_from_run_to_run(place: Place) -> None:
    first = place.ports(None)
    assert place.ports(None) == first
    assert len({first.web, first.shopify, first.netsuite}) == 3


def test_settings_of_another_installation_do_not_leak_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEBUG", "1")
    monkeypatch.setenv("DATABASE_URL", "postgresql://other/db")
    monkeypatch.setenv("SECRET_KEY_FILE", "/run/secrets/key")
    monkeypatch.setenv("LANG", "C.UTF-8")
    found = Place(tmp_path).environment()
    assert not {"DEBUG", "DATABASE_URL", "SECRET_KEY_FILE"} & found.keys()
    assert found["LANG"] == "C.UTF-8"
    assert found["HUB_ENV_FILE"] == str(tmp_path.resolve() / "demo.env")
