import sys
from pathlib import Path

import pytest

from mien.errors import DataError, MienError
from mien.registry import Registry, did_you_mean

SHAPES: Registry[object] = Registry(
    "mien_test.shapes",
    {"square": "fractions:Fraction", "broken_builtin": "no_such_module:x"},
    noun="shape",
    error=DataError,
)


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that installs a package with entry points, as pip would lay it out."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(package: str, source: str, *entries: str) -> None:
        (tmp_path / f"{package}.py").write_text(source)
        info = tmp_path / f"{package}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text("\n".join(["[mien_test.shapes]", *entries]))

    yield install
    for module in [name for name in sys.modules if name.startswith("shapes_")]:
        del sys.modules[module]


def test_a_builtin_is_imported_by_its_name():
    from fractions import Fraction

    assert SHAPES.get("square") is Fraction


def test_a_package_adds_a_name_and_is_not_imported_before_it_is_requested(plugin):
    plugin("shapes_round", "circle = object()", "circle = shapes_round:circle")
    assert SHAPES.names() == ["square", "broken_builtin", "circle"]
    assert "shapes_round" not in sys.modules
    assert SHAPES.get("circle") is sys.modules["shapes_round"].circle


def test_a_package_cannot_replace_a_builtin(plugin):
    plugin("shapes_false", "square = 0", "square = shapes_false:square")
    assert SHAPES.names() == ["square", "broken_builtin"]
    assert SHAPES.get("square") != 0


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(
        DataError,
        match=r"^no shape 'sqare' \(did you mean 'square'\?\); expected one of square, broken_builtin$",
    ):
        SHAPES.get("sqare")


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("raise RuntimeError('two\\nlines')", "RuntimeError: two lines"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("", "AttributeError: "),
        ("circle = (", "SyntaxError: "),
    ],
)
def test_a_package_that_cannot_be_imported_is_one_line_and_leaves_the_rest_usable(plugin, source, reason):
    plugin("shapes_bad", source, "circle = shapes_bad:circle")
    plugin("shapes_good", "dot = 1", "dot = shapes_good:dot")
    with pytest.raises(
        DataError, match=rf"^shape 'circle' of the package shapes_bad 1.0 can't be imported \({reason}"
    ) as caught:
        SHAPES.get("circle")
    assert "\n" not in str(caught.value)
    assert SHAPES.get("dot") == 1


def test_two_packages_with_one_name_are_both_named(plugin):
    plugin("shapes_a", "dot = 1", "dot = shapes_a:dot")
    plugin("shapes_b", "dot = 2", "dot = shapes_b:dot")
    with pytest.raises(DataError, match=r"'dot' is added by shapes_a 1.0 and shapes_b 1.0; uninstall one"):
        SHAPES.get("dot")


def test_what_can_be_loaded_leaves_out_broken_packages(plugin):
    plugin("shapes_bad", "1 / 0", "circle = shapes_bad:circle")
    plugin("shapes_good", "dot = 1", "dot = shapes_good:dot")
    shapes: Registry[object] = Registry("mien_test.shapes", {"one": "math:pi"}, noun="shape")
    assert [name for name, _ in shapes.loadable()] == ["one", "dot"]


def test_an_import_error_of_a_builtin_is_not_hidden():
    with pytest.raises(ModuleNotFoundError, match="no_such_module"):
        SHAPES.get("broken_builtin")


def test_the_default_error_is_the_base_class():
    with pytest.raises(MienError, match=r"^no shape 'x'; expected one of a$"):
        Registry("mien_test.none", {"a": "math:pi"}, noun="shape").get("x")


@pytest.mark.parametrize(("word", "hint"), [("cosin", " (did you mean 'cosine'?)"), ("zzz", "")])
def test_the_nearest_word_is_suggested(word: str, hint: str):
    assert did_you_mean(word, ["cosine", "step"]) == hint
