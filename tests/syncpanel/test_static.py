"""Static files: they collect with hashes, every icon exists, and what is vendored is what it says it is."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import call_command
from django.test import Client

from integrations.adapters.registry import capabilities, platforms

ROOT = django_settings.BASE_DIR
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SPRITE = set(re.findall(r'id="i-([\w-]+)"', (ROOT / "static/vendor/icons/icons.svg").read_text()))
VENDORED = json.loads((ROOT / "static/vendor/vendor.json").read_text())
INLINE = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:|hx-on|hx-vals=.js:", re.IGNORECASE)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT / "templates"))


@pytest.mark.django_db
def test_everything_collects_with_hashes_and_a_page_renders_without_debug(settings, tmp_path):
    settings.DEBUG = False
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    page = Client().get("/no-such-page/").content.decode()
    assert re.search(r"/static/css/tokens\.[0-9a-f]{12}\.css", page)
    assert re.search(r"/static/vendor/icons/icons\.[0-9a-f]{12}\.svg#i-refresh", page)
    tokens = next(tmp_path.glob("css/tokens.*.css"))
    assert re.search(r"inter-latin-var\.[0-9a-f]{12}\.woff2", tokens.read_text())
    assert tokens.with_name(tokens.name + ".br").exists()


@pytest.mark.parametrize("vendored", VENDORED, ids=lambda one: one["file"])
def test_a_vendored_file_is_the_one_that_was_reviewed(vendored):
    content = (ROOT / "static/vendor" / vendored["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == vendored["sha256"]


def test_nothing_is_vendored_without_being_listed():
    kept = {
        str(path.relative_to(ROOT / "static/vendor"))
        for path in (ROOT / "static/vendor").rglob("*.*")
        if path.is_file()
    }
    assert {file for file in kept if not file.startswith("licences/") and file != "vendor.json"} == {
        one["file"] for one in VENDORED
    }


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_holds_no_inline_script_or_style(path):
    assert not INLINE.search(re.sub(r"{%.*?%}", "", path.read_text()))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_every_icon_of_a_template_is_in_the_sprite(path):
    assert set(re.findall(r'{% icon "([\w-]+)"', path.read_text())) <= SPRITE


@pytest.mark.parametrize("path", sorted((ROOT / "static").rglob("*.[cj]s*")), ids=lambda path: path.name)
def test_a_stylesheet_or_script_of_ours_stays_small(path):
    assert "vendor" in path.parts or len(path.read_text().splitlines()) <= 350


def test_every_platform_s_tile_has_a_colour():
    css = (ROOT / "static/css/components.css").read_text()
    assert not [one for one in platforms() if f".t-{capabilities(one).hue}{{" not in css]
