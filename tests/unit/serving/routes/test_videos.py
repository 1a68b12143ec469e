import asyncio
import json
import time

import pytest

import mien.serving.jobs.worker
from mien.serving.jobs.store import JobStore
from mien.serving.jobs.worker import JobWorker
from mien.serving.options import RequestLimits
from video_builders import film, walk

FRAMES = 12


@pytest.fixture(scope="module")
def video(tmp_path_factory):
    return film(tmp_path_factory.mktemp("video") / "a.mp4", walk(FRAMES)).read_bytes()


@pytest.fixture
def stopped(monkeypatch):
    """No job is processed."""
    monkeypatch.setattr(JobWorker, "start", lambda _: None)


def ended(client, location):
    for _ in range(600):
        job = client.get(location).json()
        if job["state"] not in ("queued", "running"):
            return job
        time.sleep(0.05)
    raise AssertionError(job)


def test_a_video_is_processed_in_the_background(server, video):
    client = server()
    answer = client.post("/v1/videos", params={"name": "talk.mp4", "smooth": 0}, content=video)
    assert answer.status_code == 202
    location = answer.headers["location"]
    job = ended(client, location)
    assert (job["state"], job["progress"], job["frames"], job["name"]) == ("done", 1.0, FRAMES, "talk.mp4")
    lines = client.get(f"{location}/result").text.splitlines()
    results = [json.loads(line) for line in lines]
    assert [one["frame"] for one in results] == list(range(FRAMES))
    assert {one["source"] for one in results} == {"talk.mp4"}
    assert job["faces"] == sum(len(one["faces"]) for one in results) > 0


def test_events_tell_the_end(server, video):
    client = server()
    location = client.post("/v1/videos", content=video).headers["location"]
    with client.stream("GET", f"{location}/events") as answer:
        events = [json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: ")]
    assert events[-1]["state"] == "done"


def test_a_file_that_is_no_video_fails_with_its_name_only(server):
    client = server()
    location = client.post("/v1/videos?name=notes.txt", content=b"no video").headers["location"]
    job = ended(client, location)
    assert job["state"] == "failed"
    assert job["error"].startswith("notes.txt: not a video")
    answer = client.get(f"{location}/result")
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:mien:problem:not-done")


def test_a_playlist_opens_nothing(server, tmp_path, video):
    (tmp_path / "secret.mp4").write_bytes(video)
    client = server()
    playlist = f"ffconcat version 1.0\nfile '{tmp_path / 'secret.mp4'}'\n"
    location = client.post("/v1/videos", content=playlist.encode()).headers["location"]
    assert ended(client, location)["state"] == "failed"


def test_a_job_is_canceled_and_removed(server, video, stopped):
    client = server()
    location = client.post("/v1/videos", content=video).headers["location"]
    assert client.get(location).json()["state"] == "queued"
    assert client.delete(location).status_code == 204
    assert client.get(location).json()["state"] == "canceled"
    assert client.delete(location).status_code == 204
    assert client.get(location).status_code == 404


def test_jobs_are_listed(server, video, stopped):
    client = server()
    for name in ("one", "two"):
        client.post("/v1/videos", params={"name": name}, content=video)
    assert [job["name"] for job in client.get("/v1/jobs").json()["jobs"]] == ["two", "one"]


def test_a_restart_continues_the_jobs(server, video, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(JobWorker, "start", lambda _: None)
        client = server(jobs=tmp_path / "kept")
        location = client.post("/v1/videos", content=video).headers["location"]
        client.__exit__(None, None, None)
    again = server(jobs=tmp_path / "kept")
    assert ended(again, location)["state"] == "done"


@pytest.mark.parametrize(
    ("query", "content", "status"),
    [
        ("", b"", 400),
        ("bundle=nope", b"x", 422),
        ("detector=nope", b"x", 422),
        ("every=0", b"x", 422),
        ("smooth=nan", b"x", 422),
        ("", b"x" * 2000, 413),
    ],
)
def test_other_requests_are_problems_and_leave_nothing(server, tmp_path, query, content, status):
    client = server(jobs=tmp_path / "kept", limits=RequestLimits(video_bytes=1000))
    answer = client.post(f"/v1/videos?{query}", content=content)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert client.get("/v1/jobs").json() == {"jobs": []}
    assert [path.name for path in (tmp_path / "kept").iterdir() if path.is_dir()] == []


def test_videos_that_wait_are_limited(server, video, stopped):
    client = server(limits=RequestLimits(jobs=1))
    assert client.post("/v1/videos", content=video).status_code == 202
    answer = client.post("/v1/videos", content=video)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")


def test_a_full_disk_is_a_problem(server, video, monkeypatch):
    monkeypatch.setattr(JobStore, "file", lambda *_: __import__("pathlib").Path("/dev/full"))
    answer = server().post("/v1/videos", content=video)
    assert (answer.status_code, answer.json()["type"]) == (507, "urn:mien:problem:disk-full")


@pytest.mark.parametrize("name", ["nope", "..", "%2e%2e%2fjobs.sqlite"])
@pytest.mark.parametrize("rest", ["", "/events", "/result"])
def test_unknown_jobs_are_problems(server, name, rest):
    assert server().get(f"/v1/jobs/{name}{rest}").status_code == 404


def test_an_internal_error_fails_its_job_and_leaves_the_worker_alive(server, video, monkeypatch):
    client = server()
    with monkeypatch.context() as patched:
        patched.setattr(mien.serving.jobs.worker, "video_info", lambda _: 1 / 0)
        location = client.post("/v1/videos", content=video).headers["Location"]
        assert ended(client, location)["error"] == "an internal error (ZeroDivisionError)"
    location = client.post("/v1/videos", content=video).headers["Location"]
    assert ended(client, location)["state"] == "done"


def test_a_client_that_leaves_in_the_middle_is_no_internal_error(server):
    sent = []

    async def receive():
        return {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/v1/videos", "query_string": b"",
        "headers": [(b"host", b"localhost")], "scheme": "http",
    }  # fmt: skip
    asyncio.run(server().app(scope, receive, send))
    assert sent[0]["status"] == 400
