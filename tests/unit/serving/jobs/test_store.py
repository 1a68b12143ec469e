import time

import pytest

from mien.errors import MienError
from mien.serving.jobs.store import CANCELED, DONE, QUEUED, RUNNING, VIDEO, JobStore


@pytest.fixture
def store(tmp_path):
    opened = JobStore(tmp_path / "jobs", keep_seconds=100)
    yield opened
    opened.close()


def added(store, name="a.mp4"):
    job = store.new_id()
    store.file(job, VIDEO).write_bytes(b"video")
    return store.add(job, name, {"every": 1})


def test_jobs_are_claimed_in_order(store):
    first, second = added(store, "first"), added(store, "second")
    assert [store.claim().id, store.claim().id, store.claim()] == [first.id, second.id, None]
    assert [job.name for job in store.all()] == ["second", "first"]


def test_a_job_ends_once_and_its_video_is_removed(store):
    job = added(store)
    store.claim()
    assert store.progress(job.id, 5, 7, 10)
    assert store.end(job.id, CANCELED)
    assert not store.progress(job.id, 6, 8, 10)
    assert not store.end(job.id, DONE)
    found = store.get(job.id)
    assert (found.state, found.frames, found.faces, found.total) == (CANCELED, 5, 7, 10)
    assert not store.file(job.id, VIDEO).exists()


def test_running_jobs_are_queued_again_after_a_restart(tmp_path):
    store = JobStore(tmp_path / "jobs", 100)
    job, done = added(store), added(store)
    store.claim()
    store.end(done.id, DONE)
    store.close()
    again = JobStore(tmp_path / "jobs", 100)
    assert [again.get(job.id).state, again.get(done.id).state] == [QUEUED, DONE]
    assert again.file(job.id, VIDEO).read_bytes() == b"video"
    again.close()


def test_uploads_that_were_cut_off_are_removed_at_the_start(tmp_path):
    store = JobStore(tmp_path / "jobs", 100)
    cut_off = store.file(store.new_id(), VIDEO)
    cut_off.write_bytes(b"half")
    kept = added(store)
    store.close()
    again = JobStore(tmp_path / "jobs", 100)
    assert not cut_off.parent.exists()
    assert again.get(kept.id).state == QUEUED
    again.close()


def test_ended_jobs_are_removed_after_a_time(store, monkeypatch):
    job, running = added(store), added(store)
    store.end(job.id, DONE)
    store.remove_expired()
    assert store.get(job.id)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 101)
    store.remove_expired()
    assert store.get(job.id) is None
    assert not store.file(job.id, VIDEO).parent.exists()
    assert store.get(running.id)


def test_two_servers_do_not_share_a_folder(tmp_path, store):
    with pytest.raises(MienError, match="does another server use it"):
        JobStore(tmp_path / "jobs", 100)


def test_a_file_in_place_of_the_folder_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(MienError, match="file: can't keep jobs there"):
        JobStore(tmp_path / "file", 100)


def test_others_cannot_read_the_folder(store, tmp_path):
    assert (tmp_path / "jobs").stat().st_mode & 0o077 == 0
    assert store.file(store.new_id(), VIDEO).parent.stat().st_mode & 0o077 == 0


def test_progress_counts_as_running(store):
    added(store)
    assert store.count(QUEUED, RUNNING) == 1
    store.claim()
    assert (store.count(QUEUED), store.count(RUNNING)) == (0, 1)
