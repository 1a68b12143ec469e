"""Tracking: track numbers from frame to frame, and smoothed probabilities."""
