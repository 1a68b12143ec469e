"""The comparison with another system."""

from mien.evaluation.sections.base import ReportData, Section


def section(data: ReportData) -> Section | None:
    """Return the section; None without a comparison."""
    comparison = data.comparison
    if comparison is None:
        return None
    return Section(
        "comparison",
        f"Comparison with {comparison.against}",
        " ".join((comparison.verdict, *comparison.notes)),
        template="comparison.html.j2",
        values={"comparison": comparison},
    )
