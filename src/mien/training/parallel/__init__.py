"""Training by several processes, one for each device, on one machine or several.

`plan` says which processes there are, `joining` connects them, `world` is what the training uses of that,
and `following` is what the processes without the run folder do.
"""
