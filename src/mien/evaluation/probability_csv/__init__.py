"""CSV files of class probabilities, by which any system can be evaluated."""
