"""Live views: a window where there is one, the terminal everywhere else."""
