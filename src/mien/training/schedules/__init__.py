"""Learning-rate schedules; each file holds a schedule and its configuration (see `schedules.base`)."""
