from generate import models
from generate.repository import ROOT
from mien.bundles.reading import read_bundle, shipped_names
from mien.percent import percent


def test_the_page_has_the_metadata_of_each_bundle():
    page = models.pages()["models/index.md"]
    for name in shipped_names():
        metadata = read_bundle(name).metadata
        assert f"[`{name}`]({name}.md)" in page
        assert f"{sum(member.parameters for member in metadata.members):,}" in page
        assert all(percent(scores.accuracy, 1) in page for scores in metadata.scores)


def test_each_bundle_has_a_card():
    assert all((ROOT / "docs" / "models" / f"{name}.md").is_file() for name in shipped_names())
