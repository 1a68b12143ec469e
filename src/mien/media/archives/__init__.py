"""Archives: zips, tars and folders as lists of members."""
