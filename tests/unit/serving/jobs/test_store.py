import time

import pytest

from mien.errors import MienError
from mien.serving.jobs.database import FolderLock
from mien.serving.jobs.job import CANCELED, DONE, FAILED, QUEUED, RUNNING, UPLOADING, VIDEO
from mien.serving.jobs.store import MOST_ATTEMPTS, JobStore
from mien.serving.problems import Problem


@pytest.fixture
def store(tmp_path):
    opened = JobStore(tmp_path / "jobs", keep_seconds=100)
    yield opened
    opened.close()


def uploading(store, name="a.mp4", most=100):
    job = store.reserve(name, {"every": 1}, most)
    if job is not None:
        store.file(job, VIDEO).write_bytes(b"video")
    return job


def added(store, name="a.mp4"):
    return store.submit(uploading(store, name))


def test_jobs_are_claimed_in_order(store):
    first, second = added(store, "first"), added(store, "second")
    assert [store.claim().id, store.claim().id, store.claim()] == [first.id, second.id, None]
    assert [job.name for job in store.all()] == ["second", "first"]


def test_a_job_ends_once_and_its_video_is_removed(store):
    job = added(store)
    store.claim()
    assert store.progress(job.id, 5, 7, 6, 10)
    assert store.end(job.id, CANCELED)
    assert not store.progress(job.id, 6, 8, 7, 10)
    assert not store.end(job.id, DONE)
    found = store.get(job.id)
    assert (found.state, found.frames, found.faces, found.position, found.total) == (CANCELED, 5, 7, 6, 10)
    assert not store.file(job.id, VIDEO).exists()


def test_running_jobs_are_queued_again_after_a_restart(tmp_path):
    store = JobStore(tmp_path / "jobs", 100)
    job, done = added(store), added(store)
    store.claim()
    store.end(done.id, DONE)
    store.file(done.id, VIDEO).write_bytes(b"video")  # the process was killed before it was removed
    store.close()
    again = JobStore(tmp_path / "jobs", 100, "other")
    again.recover_all()
    assert [again.get(job.id).state, again.get(done.id).state] == [QUEUED, DONE]
    assert again.file(job.id, VIDEO).read_bytes() == b"video"
    assert not again.file(done.id, VIDEO).exists()
    again.close()


def test_uploads_that_were_cut_off_are_removed_at_the_start(tmp_path):
    store = JobStore(tmp_path / "jobs", 100)
    cut_off = store.file(uploading(store), VIDEO)
    (tmp_path / "jobs" / "stranger").mkdir()
    kept = added(store)
    store.close()
    again = JobStore(tmp_path / "jobs", 100)
    again.recover_all()
    assert not cut_off.parent.exists()
    assert not (tmp_path / "jobs" / "stranger").exists()
    assert again.get(kept.id).state == QUEUED
    again.close()


def test_processes_share_a_folder_and_each_job_is_claimed_once(tmp_path):
    stores = [JobStore(tmp_path / "jobs", 100, name) for name in "ab"]
    jobs = [added(stores[0]).id, added(stores[1]).id]
    assert [one.claim().id for one in stores] == jobs
    assert [one.claim() for one in stores] == [None, None]
    half = uploading(stores[0])
    stores[0].close()  # dies
    again = JobStore(tmp_path / "jobs", 100, "a")
    again.recover()
    assert [again.get(job).state for job in jobs] == [QUEUED, RUNNING]
    assert not again.file(half, VIDEO).parent.exists()
    again.close()
    stores[1].close()


def test_a_video_that_ends_its_process_fails(store):
    job = added(store)
    for _ in range(MOST_ATTEMPTS):
        assert store.claim().id == job.id
        store.recover()
    assert store.claim() is None
    assert (store.get(job.id).state, store.file(job.id, VIDEO).exists()) == (FAILED, False)
    assert "ended 3 times" in store.get(job.id).error


def test_a_job_that_is_released_may_start_again_any_number_of_times(store):
    job = added(store)
    for _ in range(MOST_ATTEMPTS + 1):
        store.claim()
        store.release(job.id)
    assert store.get(job.id).state == QUEUED


def test_places_are_reserved_before_the_upload(store):
    assert uploading(store, most=1)
    assert uploading(store, most=1) is None
    assert store.all() == []  # it isn't complete


def test_an_upload_is_no_job_yet(store):
    job = uploading(store)
    assert (store.get(job), store.claim()) == (None, None)
    assert store.submit(job).state == QUEUED
    assert UPLOADING not in {one.state for one in store.all()}


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


def test_two_servers_do_not_share_a_folder(tmp_path):
    lock = FolderLock(tmp_path / "jobs")
    with pytest.raises(MienError, match="does another server use it"):
        FolderLock(tmp_path / "jobs")
    lock.close()
    FolderLock(tmp_path / "jobs").close()


def test_a_file_of_another_version_is_emptied(tmp_path):
    store = JobStore(tmp_path / "jobs", 100)
    added(store)
    store._database.write("PRAGMA user_version = 1")
    store.close()
    again = JobStore(tmp_path / "jobs", 100)
    assert again.all() == []
    again.close()


def test_a_failure_of_sqlite_is_a_problem(store):
    store._database.write("DROP TABLE jobs")
    with pytest.raises(Problem) as raised:
        store.all()
    assert (raised.value.kind, raised.value.status) == ("jobs-unavailable", 503)


def test_a_file_in_place_of_the_folder_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(MienError, match="file is a file; expected a folder"):
        JobStore(tmp_path / "file", 100)


def test_others_cannot_read_the_folder(store, tmp_path):
    assert (tmp_path / "jobs").stat().st_mode & 0o077 == 0
    assert store.file(uploading(store), VIDEO).parent.stat().st_mode & 0o077 == 0
