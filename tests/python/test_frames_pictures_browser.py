"""The page of a profile in Chromium: searching, sorting, narrow screens, colours."""

from __future__ import annotations

import html.parser
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, List

import pytest
from frames_pictures_figures import HOSTILE, Outline, flights, wide
from ironwheel.frames import _html

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


browser = pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")


def browse(path: Path, mark: str, *options: str) -> str:
    assert CHROMIUM is not None
    done = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", f"--user-data-dir={path.parent / 'browser'}",
         *options, path.as_uri() + mark],
        capture_output=True, check=True, text=True, encoding="utf-8", timeout=120,
    )  # fmt: skip
    return done.stdout


def played(path: Path, page: str, play: str) -> Any:
    """What `play` returns when it is run in the page, as JSON; its own policy would not let it."""
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)
    answer = f"<script>document.title = 'answer:' + JSON.stringify((function () {{ {play} }})());</script></body>"
    path.write_text(page.replace("</body>", answer), encoding="utf-8")
    found = re.search(r"<title>answer:(.*?)</title>", browse(path, "", "--dump-dom"), re.S)
    assert found, "the page's script did not get to its end"
    return json.loads(html.unescape(found[1]))


@browser
def test_searching_in_a_browser_finds_columns(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(_html.page(wide(1000)), encoding="utf-8")
    outline = Outline(browse(page, "#search=sensor_04%20float", "--dump-dom"))
    seen = [
        attributes
        for attributes in outline.all("details")
        if (attributes.get("class") == "iw-col") and "hidden" not in attributes
    ]
    assert len(seen) == 100 and "100 of 1000 columns" in outline.text
    assert "iw-js" in (outline.all("body")[0]["class"] or "")
    untouched = Outline(browse(page, "", "--dump-dom"))
    assert not [attributes for attributes in untouched.all("details") if "hidden" in attributes]


@browser
def test_typing_sorting_and_opening_work_in_a_browser(tmp_path: Path) -> None:
    found = played(
        tmp_path / "page.html",
        _html.page(flights()),
        """
        var find = document.querySelector(".iw-search"), out = {};
        function names() {
          return [].filter.call(document.querySelectorAll(".iw-col"), function (row) { return !row.hidden; })
            .map(function (row) { return row.querySelector("h3").textContent; });
        }
        function type(words) { find.value = words; find.dispatchEvent(new Event("input")); return names(); }
        out.typed = type("DELAY"); out.none = type("no such column"); out.status = document.querySelector(".iw-status").textContent;
        out.script = type("<script>"); out.alert = type("constant"); type("");
        function press(what) { document.querySelector(what).click(); return names(); }
        out.missing = press("[data-sort=missing]").slice(0, 2); out.least = press("[data-sort=missing]").slice(-1);
        press("[data-sort=distinct]"); press("[data-sort=missing]"); out.ties = names().slice(4);
        press("[data-sort=missing]"); out.back = press("[data-sort=missing]").slice(0, 2); out.name = press("[data-sort=words]").slice(0, 2);
        out.texts = press("[data-kind-is=text]"); press("[data-kind-is='']");
        press(".iw-all"); out.open = document.querySelectorAll(".iw-col[open]").length;
        out.theme = [1, 2, 3].map(function () { press(".iw-theme"); return document.documentElement.getAttribute("data-theme"); });
        press("a.iw-of"); out.hash = location.hash;
        document.dispatchEvent(new KeyboardEvent("keydown", {key: "/", bubbles: true})); out.focus = document.activeElement === find;
        out.alerts = typeof window.alerted;
        return out;
        """,
    )
    assert found["typed"] == ["dep_delay"] and found["none"] == [] and found["status"] == "No column matches."
    assert found["script"] == [HOSTILE] and found["alert"] == ["year"]
    assert found["missing"] == ["nothing", "raw"] and found["least"] == ["nothing"]
    whole = [one["name"] for one in flights()["columns"]]
    assert found["ties"] == [name for name in whole if name not in ("nothing", "raw", HOSTILE, "dep_delay")]
    assert found["back"] == ["dep_delay", "month"] and found["name"] == [HOSTILE, "cancelled"]
    assert set(found["texts"]) == {"carrier", HOSTILE} and found["open"] == 12
    assert found["theme"] == ["light", "dark", None]
    assert re.fullmatch(r"#c\d+", found["hash"]) and found["focus"] is True


@browser
def test_nothing_overflows_on_a_narrow_screen(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        _html.page(flights()).replace("<details class", "<details open class"), encoding="utf-8"
    )
    frame = "<body><iframe src='page.html' style='width:400px;height:900px'></iframe></body>"
    options = (
        "var inside = document.querySelector('iframe').contentDocument.documentElement;"
        "var right = [].map.call(inside.querySelectorAll('summary > *, .iw-body > div, .iw-body > div > *, .iw-facts > *'), function (one) {"
        "  return one.getBoundingClientRect().right; });"
        "return [inside.scrollWidth, inside.clientWidth, right.length, Math.max.apply(null, right)];"
    )
    holder = tmp_path / "holder.html"
    holder.write_text(
        frame.replace("</body>", f"<script>onload = function () {{ document.title = 'answer:' + JSON.stringify((function () {{ {options} }})()); }}</script></body>"),
        encoding="utf-8",
    )  # fmt: skip
    dumped = browse(holder, "", "--dump-dom", "--allow-file-access-from-files")
    found = re.search(r"<title>answer:(.*?)</title>", dumped)
    assert found, "the frame was not loaded"
    scrolled, shown, looked_at, furthest = json.loads(found[1])
    assert scrolled <= shown <= 400 and looked_at > 100 and furthest <= shown


@browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_has_the_colours_the_reader_prefers(scheme: str, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(_html.page(flights()), encoding="utf-8")
    picture = tmp_path / "page.png"
    browse(
        page,
        "",
        f"--screenshot={picture}",
        "--window-size=900,600",
        f"--blink-settings=preferredColorScheme={int(scheme == 'light')}",
    )
    red, green, blue = first_pixel(picture.read_bytes())
    assert (min(red, green, blue) > 230) == (scheme == "light")
    assert (max(red, green, blue) < 40) == (scheme == "dark")
    folder = os.environ.get("IRONWHEEL_PICTURES")  # where somebody wants to look at them
    if folder:
        shutil.copy(picture, Path(folder) / f"profile-{scheme}.png")


def first_pixel(png: bytes) -> List[int]:
    """The colour of the top left pixel: in the first scan line a filter has nothing to its left or above."""
    import struct
    import zlib

    assert png.startswith(b"\x89PNG")
    data, at = b"", 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        if kind == b"IDAT":
            data += png[at + 8 : at + 8 + size]
        at += size + 12
    return list(zlib.decompress(data)[1:4])
