"""The expressions of each tracked face of a video over time: a summary and a chart."""
