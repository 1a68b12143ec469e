"""Explanations of predictions: saliency maps, and checks of their faithfulness.

A map has a number for each pixel of a face: how much it supports a class. The methods share one interface
(`base.Method`) and are found by name in `registry.METHODS`, one file each. RISE and occlusion need only
probabilities, so they explain every bundle without torch; Grad-CAM and integrated gradients need the network
of a run.
"""
