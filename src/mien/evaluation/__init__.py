"""What a model is worth: predictions on disk, the numbers made of them, and the report.

Predictions are the contract: whatever made the probabilities, everything here needs only them.
"""
