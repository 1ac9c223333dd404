"""A real browser for tests: Debian's Chromium, without a network, driven through its own driver."""

from __future__ import annotations

import base64
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conftest import ROOT

MISSING = "no Chromium here: `apt-get install chromium chromium-driver`, then `make test`"
NO_AXE = "no axe-core here: `npm install --prefix .venv axe-core@4.14.1`, then `make test`"
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)


def programs() -> tuple[str, str] | None:
    """Return the paths of the browser and of its driver, or None where one is not there."""
    found = shutil.which("chromium") or shutil.which("chromium-browser"), shutil.which("chromedriver")
    return (found[0], found[1]) if found[0] and found[1] else None


def axe() -> str | None:
    """Return the text of axe-core, or None where it is not installed."""
    path = Path(os.environ.get("AXE_CORE", ROOT / ".venv" / "node_modules" / "axe-core" / "axe.min.js"))
    return path.read_text(encoding="utf-8") if path.is_file() else None


@contextmanager
def chromium(javascript: bool = True) -> Iterator[Any]:
    """Start a browser with an empty profile and end it."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    paths = programs()
    assert paths
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = paths[0]
        for flag in (*FLAGS, f"--user-data-dir={profile}", "--window-size=1280,900"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        if not javascript:
            options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
        driver = webdriver.Chrome(options=options, service=Service(paths[1]))
        try:
            yield driver
        finally:
            driver.quit()


def emulate(driver: Any, width: int = 1280, dark: bool = False, still: bool = False) -> None:
    """Set the window's width, the colours and whether motion is to be reduced."""
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    features = [
        {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
        {"name": "prefers-reduced-motion", "value": "reduce" if still else "no-preference"},
    ]
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


def screenshot(driver: Any, path: Path, most: int = 4000) -> None:
    """Write a picture of the whole page."""
    width, height = driver.execute_script("return [innerWidth, document.documentElement.scrollHeight]")
    clip = {"x": 0, "y": 0, "width": width, "height": min(height, most), "scale": 1}
    shot = driver.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
    path.write_bytes(base64.b64decode(shot["data"]))
