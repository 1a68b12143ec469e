import re
from importlib.resources import files

from mien.web.page_files import POLICY, REPLACED, page_files

EXPORTED = re.compile(r"^export (?:async )?(?:function\*?|class|const|let) (\w+)", re.MULTILINE)
PASSED_ON = re.compile(r"^export \{ ([^}]+) \} from", re.MULTILINE)


def exports_of(text):
    return {*EXPORTED.findall(text), *", ".join(PASSED_ON.findall(text)).split(", ")}


def test_the_page_has_a_policy_and_nothing_inline():
    index = page_files()["index.html"].decode()
    assert index.index(POLICY) < index.index("<script")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", index)
    assert "openapi.json" not in index


def test_the_local_recognition_has_the_interface_of_the_server():
    page = files("mien").joinpath("serving", "page", "api.js").read_text("utf-8")
    assert exports_of(page) == exports_of(page_files()["api.js"].decode())
    assert {"getModels", "openLive"} <= exports_of(page)


def test_no_script_names_another_host():
    for name, content in page_files().items():
        for address in re.findall(r"https?://[^\s\"'`)]+", content.decode()):
            assert address.startswith("http://www.w3.org/"), name


def test_what_the_page_says_about_its_server_is_replaced():
    page = files("mien").joinpath("serving", "page", "index.html").read_text("utf-8")
    assert [page.count(phrase) for phrase in REPLACED] == [1] * len(REPLACED)
    assert not any(phrase in page_files()["index.html"].decode() for phrase in REPLACED)
