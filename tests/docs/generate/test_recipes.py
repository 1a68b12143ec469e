import pytest
import yaml

from generate import recipes
from mien.config import list_recipes, recipe_summary
from mien.config.load import read_recipe_tree


@pytest.fixture(scope="module")
def pages():
    return recipes.pages()


@pytest.mark.parametrize("name", list_recipes())
def test_a_recipe_has_cost_result_and_settings(pages, name):
    page, summary = pages[f"recipes/{name}.md"], recipe_summary(name)
    assert f"| cost | {summary.cost} |" in page
    assert f"| result | {summary.result} |" in page
    assert f"```bash\nmien train {name} " in page or f"\nmien train {name} " in page
    settings = yaml.safe_load(page.split("```yaml\n")[1].split("```")[0])
    assert settings == {
        key: value for key, value in read_recipe_tree(name).items() if key not in ("title", "cost", "result")
    }


def test_the_index_has_all_recipes(pages):
    assert all(f"[`{name}`]({name}.md)" in pages["recipes/index.md"] for name in list_recipes())


def test_files_of_the_documentation_are_links(pages):
    assert "[lab notebook](../lab-notebook.md)" in pages["recipes/distilled.md"]
