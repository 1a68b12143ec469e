"""The program of the processes that a training starts, with a folder and a rank as its arguments."""

import os
import sys
import threading
import time
from pathlib import Path

from mien.errors import MienError
from mien.openmp import import_torch
from mien.text import utf8


def main(folder: Path, rank: int) -> int:
    """Follow the training that wrote a task into a folder; return the exit code."""
    import_torch()
    import torch

    from mien.training.parallel.following import follow
    from mien.training.parallel.helpers import failure_file, ready_file
    from mien.training.parallel.joining import connected_to, store_at
    from mien.training.parallel.task import read_faces, read_task

    task = read_task(folder, rank)
    threading.Thread(target=_end_with, args=(task.parent,), daemon=True).start()
    try:
        torch.set_num_threads(task.threads)
        faces = read_faces(folder)
        ready_file(folder, rank).touch()
        with connected_to(store_at(task.address, task.port), task.world, task.device):
            follow(task.world, faces, task.device)
    except MienError as error:
        failure_file(folder, rank).write_bytes(utf8(str(error)))
        return 1
    return 0


def _end_with(parent: int) -> None:
    """End this process when its parent has ended."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), int(sys.argv[2])))
