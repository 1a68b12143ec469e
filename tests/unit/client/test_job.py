"""Jobs of a client against a server that is a function."""

import asyncio
import io

import pytest

import mien
from mien.client import job
from mien.client.job_status import Lines, status_of
from result_builders import face, result

JOB = {
    "id": "a/b", "name": "talk.mp4", "options": {}, "state": "queued", "created": 1.5, "ended": None,
    "frames": 0, "total": None, "faces": 0, "error": None, "progress": None,
}  # fmt: skip
RUNNING = (200, JOB | {"state": "running", "frames": 3, "total": 9, "progress": 0.3})
DONE = (200, JOB | {"state": "done", "ended": 2.5, "frames": 9, "total": 9, "progress": 1.0})
FAILED = (200, JOB | {"state": "failed", "ended": 2.5, "error": "no video"})
RESULTS = [result("talk.mp4", face(), frame=number, time=number / 30) for number in range(3)]
LINES = "".join(one.to_json() + "\n" for one in RESULTS).encode()
GONE = (404, {"type": "urn:mien:problem:unknown-job", "title": "t", "status": 404, "detail": "no job"})


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    async def pause(_):
        pass

    monkeypatch.setattr(job.time, "sleep", lambda _: None)
    monkeypatch.setattr(job.asyncio, "sleep", pause)


def dicts(results):
    return [one.to_dict() for one in results]


def test_a_video_is_uploaded_followed_and_read(fake, tmp_path):
    path = tmp_path / "talk.mp4"
    path.write_bytes(b"video")
    client, requests = fake(
        (202, JOB), (200, JOB), RUNNING, RUNNING, DONE, (200, LINES), bundle="small", min_face=3
    )
    made = client.submit(path, every=2)
    assert requests[0].content == b"video"
    assert dict(requests[0].url.params) == {
        "name": "talk.mp4", "bundle": "small", "every": "2", "detect_every": "3", "smooth": "0.5",
    }  # fmt: skip
    seen = []
    assert made.wait(progress=lambda status: seen.append(status.progress)).has_ended
    assert seen == [None, 0.3, 1.0]
    assert dicts(made.results()) == dicts(RESULTS)
    assert requests[-1].url.raw_path == b"/v1/jobs/a%2Fb/result"
    assert repr(made) == "<Job a/b of 'talk.mp4': done, 9 of 9 frames>"


@pytest.mark.parametrize("video", [b"video", bytearray(b"video"), io.BytesIO(b"video")])
def test_a_video_may_be_bytes_or_a_file(fake, video):
    busy = (429, b"{}", {"Retry-After": "0"})
    client, requests = fake(busy, (202, JOB))
    client.submit(video, name="talk.mp4")
    assert [request.content for request in requests] == [b"video", b"video"]


@pytest.mark.parametrize("video", ["/no/such.mp4", 5, None])
def test_what_is_no_video_is_one_line(fake, video):
    with pytest.raises(mien.ImageError, match="expected a"):
        fake((202, JOB))[0].submit(video)


def test_a_failed_job_is_an_error(fake):
    client, _ = fake((202, JOB), FAILED)
    with pytest.raises(mien.ServerError, match=r"^talk.mp4: the job failed: no video$") as caught:
        client.submit(b"video").wait()
    assert caught.value.kind == "job-failed"


def test_waiting_has_an_end(fake):
    client, _ = fake((202, JOB), RUNNING)
    with pytest.raises(mien.ServerError, match=r"^talk.mp4: the job has not ended in time; it goes on"):
        client.submit(b"video").wait(timeout=0)


def test_a_stream_removes_its_job(fake):
    client, requests = fake((202, JOB), DONE, (200, LINES), DONE, (204, b""))
    assert dicts(client.stream(b"video")) == dicts(RESULTS)
    assert [request.method for request in requests] == ["POST", "GET", "GET", "GET", "DELETE"]
    client, requests = fake((202, JOB), FAILED)
    with pytest.raises(mien.ServerError, match="the job failed"):
        list(client.stream(b"video"))
    assert requests[-1].method == "DELETE"


def test_only_jobs_that_have_not_ended_are_canceled(fake):
    client, requests = fake((202, JOB), DONE)
    client.submit(b"video").cancel()
    assert [request.method for request in requests] == ["POST", "GET"]
    client, requests = fake((202, JOB), RUNNING, (204, b""), (200, JOB | {"state": "canceled"}))
    made = client.submit(b"video")
    made.cancel()
    assert made.status.state == "canceled"
    assert [request.method for request in requests] == ["POST", "GET", "DELETE", "GET"]


def test_results_that_the_server_refuses_are_an_error(fake):
    client, _ = fake((202, JOB), GONE)
    with pytest.raises(mien.ServerError, match="no job") as caught:
        list(client.submit(b"video").results())
    assert caught.value.kind == "unknown-job"


@pytest.mark.parametrize("lines", [LINES[:-5], b"{}\n", b"text\n", LINES + b"[1]\n"])
def test_damaged_results_are_one_line(fake, lines):
    client, _ = fake((202, JOB), (200, lines))
    with pytest.raises(mien.ServerError):
        list(client.submit(b"video").results())


def test_lines_arrive_in_any_parts(monkeypatch):
    lines = Lines()
    lines.content.begin(200, {})
    found = [one for at in range(len(LINES)) for one in lines.results(LINES[at : at + 1])]
    lines.require_end()
    assert dicts(found) == dicts(RESULTS)
    monkeypatch.setattr("mien.client.job_status.MAX_RECORD_BYTES", 5)
    with pytest.raises(mien.ServerError, match="a line"):
        lines.results(b"123456")


def test_jobs_are_found_by_their_name(fake):
    assert fake((200, {"jobs": [JOB]}))[0].jobs()[0].status == status_of(JOB)
    assert fake(RUNNING)[0].job("a/b").status.frames == 3
    with pytest.raises(mien.ServerError, match="no job"):
        fake(GONE)[0].job("x")
    with pytest.raises(mien.ServerError, match="frames is -1"):
        fake((200, JOB | {"frames": -1}))[0].job("x")


def test_asynchronous_jobs_do_the_same(fake):
    def made(*answers):
        return fake(*answers, asynchronous=True)

    async def main():
        client, requests = made((202, JOB), (200, JOB), DONE, (200, LINES), DONE, (204, b""))
        assert dicts([one async for one in client.stream(io.BytesIO(b"video"))]) == dicts(RESULTS)
        assert await requests[0].aread() == b"video"
        assert [request.method for request in requests] == ["POST", "GET", "GET", "GET", "GET", "DELETE"]
        client, _ = made((202, JOB), RUNNING, (204, b""), (200, JOB | {"state": "canceled"}))
        canceled = await client.submit(b"video")
        await canceled.cancel()
        with pytest.raises(mien.ServerError, match="was canceled"):
            await canceled.wait()
        assert (await made((200, {"jobs": [JOB]}))[0].jobs())[0].status.name == "talk.mp4"
        assert "of 'talk.mp4'" in repr(await made(RUNNING)[0].job("a/b"))

    asyncio.run(main())
