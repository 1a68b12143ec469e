import pytest

from generate.check_site import Site, main


@pytest.fixture
def site(tmp_path):
    (tmp_path / "guides").mkdir()
    (tmp_path / "index.html").write_text(
        '<h1 id="top">a</h1><a href="guides/">b</a><link rel="canonical" href="https://x.org">'
    )
    (tmp_path / "guides" / "index.html").write_text(
        '<a href="../index.html#top">a</a><a href="https://x.org">c</a>'
    )
    return tmp_path


def test_a_site_without_broken_links(site, capsys):
    assert main(str(site)) == 0
    assert capsys.readouterr().out == "2 pages, 3 links, 0 problems\n"


@pytest.mark.parametrize(
    ("html", "problem"),
    [
        ('<a href="none.html">', "none.html: no such file"),
        ('<a href="index.html#none">', "index.html#none: no such anchor"),
        ('<img src="none.png">', "none.png: no such file"),
        ('<script src="https://x.org/a.js">', "https://x.org/a.js: loaded from another host"),
        ('<link rel="stylesheet" href="//x.org/a.css">', "//x.org/a.css: loaded from another host"),
    ],
)
def test_problems_are_listed(site, html, problem):
    (site / "other.html").write_text(html)
    assert list(Site(site).problems()) == [f"other.html: {problem}"]


def test_style_sheets_load_nothing_from_other_hosts(site):
    (site / "a.css").write_text("@import 'https://fonts.org/a.css'; a { background: url(data:image/png) }")
    assert list(Site(site).problems()) == ["a.css: https://fonts.org/a.css: loaded from another host"]


def test_links_of_the_page_for_errors_start_at_the_address_of_the_site(site):
    (site / "404.html").write_text('<a href="/mien/guides/index.html"><a href="/mien/none.html">')
    assert list(Site(site, "/mien/").problems()) == ["404.html: /mien/none.html: no such file"]


def test_an_empty_folder_is_no_site(tmp_path):
    assert main(str(tmp_path)) == 1
