"""The run folder: the files of one training, their record and their protection."""
