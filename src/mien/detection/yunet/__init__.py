"""YuNet: the detector, its network, and the file with its weights."""
