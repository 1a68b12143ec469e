"""Lists and comparisons of runs, from the files of their folders alone, without torch and data sets."""
