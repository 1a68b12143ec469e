"""Face detectors, one file each, and the crops of the faces that they find."""
