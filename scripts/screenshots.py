"""Makes the pictures of README and docs again, from the running product: `python scripts/screenshots.py`.

Starts a demo of its own in a temporary folder, pours in one order whose figures disagree, tests both connections as a
person would, and photographs each page in light and in dark at a width of 1440 pixels into docs/images. Needs a
Chromium (`CHROMIUM` names it, else the usual names are tried). Ends with 1 when a picture is larger than 200 kB.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
WIDTH, HEIGHT = 1440, 1000
LARGEST = 200_000
THEMES = ("light", "dark")
WAIT = 60_000
_ADDRESS = re.compile(r"^Open (\S+) and sign in", re.MULTILINE)
_PASSWORD = re.compile(r"^The password of each is\s+(\S+)", re.MULTILINE)
_SANDBOX = re.compile(r"^Place and change orders at (\S+),", re.MULTILINE)


def _bag(amount: str) -> dict[str, dict[str, str]]:
    money = {"amount": amount, "currencyCode": "USD"}
    return {"shopMoney": dict(money), "presentmentMoney": dict(money)}


DISAGREEING = {
    "name": "#9001",
    "email": "ada@example.com",
    "currentTotalPriceSet": _bag("44.10"),
    "lineItems": {
        "nodes": [
            {"title": "Cotton tee", "sku": "TEE-RED-M", "quantity": 2, "originalUnitPriceSet": _bag("21.00")}
        ]
    },
}
"""An order that states a total of 44.10 although its sales come to 42.00."""

FEW_COLOURS = """
async png => {
  const bytes = Uint8Array.from(atob(png), c => c.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], {type: "image/png"}));
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d", {willReadFrequently: true});
  context.drawImage(image, 0, 0);
  const pixels = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
  const counts = new Map();
  for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) || 0) + 1);
  const palette = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 256).map(([pixel]) => pixel);
  const part = (pixel, shift) => (pixel >> shift) & 255;
  const apart = (a, b) => [0, 8, 16].reduce((sum, s) => sum + (part(a, s) - part(b, s)) ** 2, 0);
  const place = new Map(palette.map((pixel, index) => [pixel, index]));
  for (const pixel of counts.keys()) {
    if (place.has(pixel)) continue;
    let best = 0;
    for (let i = 1; i < palette.length; i++) if (apart(pixel, palette[i]) < apart(pixel, palette[best])) best = i;
    place.set(pixel, best);
  }
  let text = "";
  for (const pixel of pixels) text += String.fromCharCode(place.get(pixel));
  const colours = palette.flatMap(pixel => [0, 8, 16].map(shift => part(pixel, shift)));
  return {width: image.width, height: image.height, colours, indices: btoa(text)};
}
"""
"""A picture as palette and indices: the 256 commonest colours stay, each other one becomes the nearest of them."""


def with_palette(page: Page, png: bytes) -> bytes:
    """The picture as PNG of 256 colours, about a third of the size. `page` only lends its canvas."""
    found = page.evaluate(FEW_COLOURS, base64.b64encode(png).decode())
    width, height = found["width"], found["height"]
    pixels = base64.b64decode(found["indices"])
    rows = b"".join(b"\0" + pixels[start : start + width] for start in range(0, len(pixels), width))
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", bytes(found["colours"])),
        (b"IDAT", zlib.compress(rows, 9)),
        (b"IEND", b""),
    ]
    packed = (
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(packed)


@dataclass(frozen=True, slots=True)
class Demo:
    """The addresses and the password of a running demo."""

    hub: str
    sandbox: str
    password: str


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """A demo in `folder` while the block runs. RuntimeError when it does not come up."""
    log = folder / "demo.log"
    with log.open("w", encoding="utf-8") as out:
        demo = subprocess.Popen(
            [sys.executable, "-m", "integration_hub.demo", "--state", str(folder / "state")],
            cwd=ROOT,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
        try:
            yield _wait_for(demo, log)
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(60)


def _wait_for(demo: subprocess.Popen[bytes], log: Path) -> Demo:
    while True:
        text = log.read_text(encoding="utf-8")
        found = [pattern.search(text) for pattern in (_ADDRESS, _SANDBOX, _PASSWORD)]
        if all(found):
            hub, sandbox, password = (match.group(1) for match in found if match)
            return Demo(hub, sandbox, password)
        try:
            demo.wait(0.5)
        except subprocess.TimeoutExpired:
            continue
        raise RuntimeError(f"The demo ended by itself:\n{text}")


class Photographer:
    """One person at the pages, in one theme."""

    def __init__(self, browser: Browser, demo: Demo, theme: str) -> None:
        self.demo = demo
        self.theme = theme
        context = browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="dark" if theme == "dark" else "light"
        )
        self.page: Page = context.new_page()
        self.canvas: Page = context.new_page()
        self.page.set_default_timeout(WAIT)

    def sign_in(self) -> None:
        """As the demo's administrator."""
        self.go("/admin/login/")
        self.page.locator("input[name=username]").fill("administrator")
        self.page.locator("input[name=password]").fill(self.demo.password)
        self.page.locator("button[type=submit]").click()
        self.page.wait_for_url(f"{self.demo.hub}/admin/")

    def go(self, path: str) -> None:
        """Open a page of the hub in the theme."""
        self.page.goto(path if path.startswith("http") else self.demo.hub + path)
        self.page.evaluate(f"localStorage.setItem('_x_adminTheme', JSON.stringify('{self.theme}'))")
        self.page.reload()
        self.page.wait_for_load_state("networkidle")

    def shoot(self, name: str, *, height: int = HEIGHT) -> Path:
        """Photograph what is open, down to `height` pixels."""
        self.page.set_viewport_size({"width": WIDTH, "height": height})
        self.page.mouse.move(WIDTH - 2, height - 2)
        self.page.wait_for_timeout(600)
        path = IMAGES / f"{name}-{self.theme}.png"
        picture = self.page.screenshot(animations="disabled", caret="hide")
        path.write_bytes(with_palette(self.canvas, picture))
        self.page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
        return path

    def order(self, name: str) -> None:
        """Open the page of an order by its name."""
        self.go(f"/admin/syncflows/order/?q={name.removeprefix('#')}")
        self.page.locator("#result_list").get_by_role("link", name=name, exact=True).first.click()
        self.page.wait_for_load_state("networkidle")

    def test_connection(self) -> None:
        """Press Test connection on the open page and wait for its lines."""
        self.page.get_by_role("link", name="Test connection").click()
        self.page.get_by_role("button", name="Test now").click()
        self.page.wait_for_url("**/checks/")
        self.page.wait_for_load_state("networkidle")

    def try_field_mapping(self) -> None:
        """Open the draft of the demo store, type a mapping and press Preview; nothing is saved."""
        self.go("/admin/mappings/fieldmappingset/add/")
        self.page.locator("select[name=shop]").select_option(label="Demo Store")
        self.page.get_by_role("button", name="Open the draft").click()
        self.page.get_by_role("button", name="Add a mapping").click()
        row = self.page.locator("[data-row]").first
        row.locator("[name$=-name]").fill("Gift message")
        row.locator("[name$=-target]").select_option("header:custbody_gift_message")
        row.locator("[name$=-source_kind]").select_option("expression")
        row.locator("[name$=-expression]").fill(
            "order.attributes.\"Gift message\" || join(', ', order.lines[].title)"
        )
        row.get_by_text("Steps", exact=True).click()
        row.locator("[name$=-transforms]").fill("one-line\ncut 300")
        self.page.locator("#preview-order").fill("#1001")
        self.page.get_by_role("button", name="Preview").click()
        self.page.get_by_text("It ties out.").wait_for()

    def search_for(self, name: str) -> None:
        """Press Sync now on the demo store and wait until an order has come to its end."""
        self.go("/admin/shops/shop/")
        self.page.get_by_role("link", name="Demo Store", exact=True).first.click()
        self.page.get_by_role("link", name="Sync now").click()
        self.page.get_by_role("button", name="Sync now").click()
        self.page.get_by_text("is searched for orders now").wait_for()
        for _ in range(60):
            self.go(f"/admin/syncflows/order/?q={name.removeprefix('#')}")
            if self.page.locator("#result_list").get_by_text("Blocked").count():
                return
            self.page.wait_for_timeout(1000)
        raise RuntimeError(f"Order {name} did not arrive.")


def pages(who: Photographer) -> Iterator[Path]:
    """Every picture of one theme."""
    who.go("/admin/")
    yield who.shoot("overview", height=1180)
    who.go("/admin/syncflows/sync/")
    yield who.shoot("orders-to-import")
    who.order("#1001")
    yield who.shoot("order-written", height=1400)
    who.order("#9001")
    yield who.shoot("order-blocked")
    who.go("/admin/syncflows/order/causes/")
    yield who.shoot("errors-by-cause")
    who.go("/admin/mappings/shipmentmethodmapping/")
    yield who.shoot("mapping-list", height=720)
    who.try_field_mapping()
    yield who.shoot("field-mappings", height=1180)
    who.go("/admin/shops/shop/")
    who.page.get_by_role("link", name="Demo Store", exact=True).first.click()
    who.page.wait_for_load_state("networkidle")
    yield who.shoot("shop", height=1180)
    who.test_connection()
    yield who.shoot("shop-test", height=820)
    who.go("/admin/erps/erpconnection/")
    who.page.get_by_role("link", name="NetSuite (sandbox)").first.click()
    who.page.wait_for_load_state("networkidle")
    yield who.shoot("erp-connection", height=1180)
    who.test_connection()
    yield who.shoot("erp-test", height=1180)
    if who.theme == "light":
        who.page.goto(f"{who.demo.sandbox}/demo-store/")
        yield who.shoot("sandbox-store", height=820)


def load_order(demo: Demo, folder: Path) -> None:
    """Pour the order that disagrees with itself into the demo store."""
    file = folder / "order.json"
    file.write_text(json.dumps(DISAGREEING), encoding="utf-8")
    subprocess.run(
        [sys.executable, "manage.py", "sandbox_load", str(file), "--url", demo.sandbox],
        cwd=ROOT, env={**os.environ, "HUB_ENV_FILE": str(folder / "state" / "demo.env")}, check=True,
    )  # fmt: skip


def chromium() -> str:
    """The browser to use. RuntimeError when there is none."""
    for name in (os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name) if name else None
        if found:
            return found
    raise RuntimeError("No Chromium found: install one or set CHROMIUM to its path.")


def main() -> int:
    """Make them all; 1 when one came out too large."""
    argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0]).parse_args()
    IMAGES.mkdir(parents=True, exist_ok=True)
    made: list[Path] = []
    with tempfile.TemporaryDirectory() as name, running_demo(Path(name)) as demo, sync_playwright() as kit:
        browser = kit.chromium.launch(executable_path=chromium(), args=["--no-sandbox", "--disable-gpu"])
        for theme in THEMES:
            who = Photographer(browser, demo, theme)
            who.sign_in()
            if theme == THEMES[0]:
                load_order(demo, Path(name))
                who.search_for(str(DISAGREEING["name"]))
            made.extend(pages(who))
        browser.close()
    for path in made:
        print(f"{path.stat().st_size:>8,}  {path.relative_to(ROOT)}")
    large = [path.name for path in made if path.stat().st_size > LARGEST]
    if large:
        print(f"screenshots: larger than {LARGEST:,} bytes: {', '.join(large)}", file=sys.stderr)
    return 1 if large else 0


if __name__ == "__main__":
    raise SystemExit(main())
