"""Output: results as files and tables, drawn images, timelines and live views."""
