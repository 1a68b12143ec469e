"""The figure of an evaluation by groups: accuracy of each group with its interval."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mien.evaluation.groups.result import Attribute, GroupEvaluation
from mien.figures.style import BLUE, INK, SOFT, VERMILION, label_rows, new_figure, set_title, style_scale
from mien.percent import p_value


def plot_groups(evaluation: GroupEvaluation) -> Figure:
    """Return a figure with one panel for each attribute.

    Points are accuracies, lines their 95 % intervals; hollow points are groups that are too small to compare.
    The dashed line is the accuracy of all groups of the attribute. A significant gap is named in the title.
    """
    heights = [1.05 + 0.32 * len(one.groups) for one in evaluation.attributes]
    figure = new_figure(7.2, sum(heights) + 0.2)
    panels = figure.subplots(len(heights), 1, squeeze=False, sharex=True, height_ratios=heights)
    for ax, attribute in zip(panels.flat, evaluation.attributes, strict=True):
        _draw(ax, attribute)
    panels.flat[-1].set_xlabel("accuracy, percent", color=SOFT)
    return figure


def _draw(ax: Axes, attribute: Attribute) -> None:
    rows = attribute.groups
    total = sum(row.n * row.accuracy for row in rows) / sum(row.n for row in rows)
    ax.axvline(100 * total, color=SOFT, lw=0.9, ls="--")
    gap = next((one for one in attribute.gaps if one.metric == "accuracy"), None)
    ends = {gap.highest, gap.lowest} if gap and gap.is_significant else set()
    for position, row in enumerate(rows):
        color = VERMILION if row.name in ends else BLUE
        ax.plot([100 * bound for bound in row.interval], [position] * 2, color=color, lw=1.6)
        face = "none" if row.is_small else color
        ax.plot([100 * row.accuracy], [position], "o", color=color, mfc=face, ms=5.5)
    style_scale(ax, "x")
    label_rows(ax, [f"{row.name} ({row.n:,})" for row in rows])
    ax.tick_params(labelbottom=True)
    set_title(ax, f"Accuracy by {attribute.name}", _subtitle(attribute))
    ax.tick_params(axis="y", labelcolor=INK)


def _subtitle(attribute: Attribute) -> str:
    gap = next((one for one in attribute.gaps if one.metric == "accuracy"), None)
    if gap is None:
        return "no two groups are large enough to compare"
    verdict = "significant" if gap.is_significant else "not significant"
    test = f"{verdict} (Holm-corrected {p_value(gap.p_holm, 'p')})"
    return f"largest gap {100 * gap.difference:.1f} points, {test}"
