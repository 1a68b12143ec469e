"""Export: from runs and bundles to one bundle, verified against what it was made from. Needs torch.

`export.export_bundle` is the entry point; its steps are `resolve` (inputs), `build` (graph, verification,
quantization, calibration) and `metadata`.
"""
