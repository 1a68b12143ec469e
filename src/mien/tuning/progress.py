"""What follows a study while it runs, such as the console."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mien.tuning.study import StudyFolder
    from mien.tuning.trials import Trial


class StudyProgress:
    """Base class of what follows a study while it runs; each method does nothing by default."""

    def on_trial_start(self, study: "StudyFolder", trial: "Trial", *, resumed: bool) -> None:
        """Run before the training of a trial; `resumed` if an ended process had begun it."""

    def on_trial_end(self, study: "StudyFolder", trial: "Trial", best: "Trial | None") -> None:
        """Run after a trial, with the best one so far; a trial that is "running" is continued later."""
