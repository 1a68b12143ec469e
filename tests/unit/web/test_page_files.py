import re
from importlib.resources import files

from mien.web.page_files import POLICY, page_files

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
