"""Heat maps: a cell per value, whose opacity is the value."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from mien.figures.heatmap import FAINTEST, draw_cells, write_cell
from mien.figures.style import BLUE, INK, VERMILION, new_figure


def test_cells_are_drawn_row_by_row_with_their_opacity():
    ax = new_figure(3, 3).add_subplot()
    draw_cells(ax, np.array([[0.5, np.nan], [0.0, 1.0]]), np.array([[BLUE, BLUE], [VERMILION, BLUE]]))
    faces = [cell.get_facecolor() for cell in ax.patches]
    assert [face[3] for face in faces] == pytest.approx([0.5, FAINTEST, FAINTEST, 1])
    assert [to_hex(face) for face in faces] == [BLUE, BLUE, VERMILION, BLUE]
    assert [round(cell.get_y() + cell.get_height() / 2) for cell in ax.patches] == [0, 0, 1, 1]


@pytest.mark.parametrize(("opacity", "color"), [(0.2, INK), (0.9, "white")])
def test_text_is_readable_on_its_cell(opacity, color):
    ax = new_figure(3, 3).add_subplot()
    write_cell(ax, 1, 2, "7", opacity)
    assert (ax.texts[0].get_text(), ax.texts[0].get_color()) == ("7", color)
    assert ax.texts[0].get_position() == (2, 1)
