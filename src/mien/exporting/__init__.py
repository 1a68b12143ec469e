"""Export: from runs to a bundle, checked against the networks it came from. Needs torch."""
