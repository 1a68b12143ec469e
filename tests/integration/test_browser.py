"""Annotated videos in a browser: Chromium plays them with sound. Skipped where Chromium is not installed."""

import http.server
import json
import queue
import shutil
import subprocess
import threading
from functools import partial

import pytest

from mien.media.video.frames import read_frames
from mien.output.writers.video import VideoWriter
from mien.recognition.face import Result
from video_builders import film, walk

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]

PAGE = """<body><script>
const names = %s, found = {};
function report(name, video) {
  found[name] = [video.videoWidth, video.videoHeight, video.duration,
                 video.webkitDecodedFrameCount, video.webkitAudioDecodedByteCount > 0,
                 video.error ? video.error.message : ""];
  if (Object.keys(found).length == names.length)
    fetch("/found", {method: "POST", body: JSON.stringify(found)});
}
for (const name of names) {
  const video = document.createElement("video");
  video.muted = true;
  video.onended = video.onerror = () => report(name, video);
  video.src = name;
  document.body.append(video);
  video.play();
}
</script></body>"""


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_POST(self):
        self.server.found.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def played(folder, names):
    """Play the videos of a folder; return width, height, seconds, frames, sound and error of each."""
    (folder / "page.html").write_text(PAGE % json.dumps(names))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=folder)) as server:
        server.found = queue.Queue()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        words = [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run",
            "--autoplay-policy=no-user-gesture-required", f"--user-data-dir={folder / 'profile'}",
            "--remote-debugging-port=0", f"http://127.0.0.1:{server.server_port}/page.html",
        ]  # fmt: skip
        browser = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return server.found.get(timeout=120)
        finally:
            browser.kill()
            browser.wait()
            server.shutdown()


def test_chromium_plays_annotated_videos_with_sound(tmp_path):
    source = film(tmp_path / "source.mp4", walk(20), sound="aac")
    names = ["a.mp4", "a.webm", "a.mov"]
    for name in names:
        with VideoWriter(tmp_path / name, sound=source) as writer:
            for frame in read_frames(source, notice=pytest.fail):
                writer.write(
                    Result("source.mp4", 160, 120, (), frame=frame.number, time=frame.time, image=frame.image)
                )
    height, width = next(read_frames(tmp_path / "a.mp4", notice=pytest.fail)).image.shape[:2]
    for *size, seconds, frames, has_sound, error in played(tmp_path, names).values():
        assert (size, error) == ([width, height], "")
        assert seconds == pytest.approx(0.8, abs=0.05)
        assert (frames, has_sound) == (20, True)
