from generate.undefined_names import undefined_names


def test_names_of_earlier_blocks_are_defined_and_others_are_named():
    blocks = [
        "import numpy as np\nimport os.path\nfor a, b in []:\n    print(np.ones(a), os, b)",
        "def f(x, *, y=1):\n    return [x + z for z in range(y)]\nc = f(a)\nd",
        "for",
        "try:\n    print(c, later)\nexcept ValueError as error:\n    print(error, f)",
    ]
    assert list(undefined_names(blocks)) == [[], ["d"], [], ["later"]]
