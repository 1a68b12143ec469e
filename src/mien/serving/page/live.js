// The section "Live": the camera's frames are recognized, and the faces are drawn over the image.

import { openLive } from "./api.js";
import { listCameras, openCamera } from "./camera.js";
import { toCsv, toJsonLines } from "./csv.js";
import { by, element, fillSelect, save, showProblem } from "./dom.js";
import { legend } from "./expressions.js";
import { LiveTimeline } from "./live-timeline.js";
import { drawOverlay, Glide } from "./overlay.js";
import { bySize, showPeople } from "./people.js";
import { Recording } from "./recording.js";
import { count, percent } from "./words.js";

const LONGEST_SIDE = 640;
const MOST_SPOKEN = 3;
const SPEAK_EVERY = 4000;
const RATE_SECONDS = 2;

const say = (text) => showProblem(text, "live");

export class Live {
  /** @param {import("./types.js").Bundle[]} bundles */
  constructor(bundles) {
    this.bundles = bundles;
    this.video = by("live-video");
    this.frame = document.createElement("canvas");
    this.timeline = new LiveTimeline(by("live-timeline"));
    this.recording = new Recording();
    this.reset();
    by("start").onclick = () => this.start();
    by("stop").onclick = () => this.stop();
    by("pause").onclick = () => this.setPaused(!this.isPaused);
    by("record").onclick = () => this.record();
    by("mirror").onchange = () => this.mirror();
    by("camera").onchange = () => this.stream && this.start();
    by("live-person").onchange = () => { this.timeline.person = Number(by("live-person").value); };
    for (const id of ["live-bundle", "live-detector", "smooth"]) by(id).onchange = () => this.configure();
    by("save-jsonl").onclick = () => save("live.jsonl", toJsonLines(this.recording.results), "application/jsonl");
    by("save-csv").onclick = () => save("live.csv", toCsv(this.recording.results, this.classes()), "text/csv");
    by("save-timeline").onclick = async () => save("timeline.png", await this.timeline.image(), "image/png");
    document.addEventListener("visibilitychange", () => this.hide(document.hidden));
    navigator.mediaDevices?.addEventListener("devicechange", () => this.stream && this.showCameras());
    this.mirror();
    this.showLegend();
  }

  reset() {
    this.result = null;
    this.times = [];
    this.spokenAt = 0;
    this.isPaused = this.isHidden = false;
    this.glide = new Glide();
    this.timeline.clear();
  }

  classes() {
    return this.bundles.find((bundle) => bundle.name === by("live-bundle").value).classes;
  }

  showLegend() {
    by("live-legend").replaceChildren(...legend(this.classes()));
  }

  mirror() {
    by("live-stage").classList.toggle("mirrored", by("mirror").checked);
  }

  async start() {
    this.stop();
    say("");
    by("start").disabled = true;
    try {
      const stream = await openCamera(by("camera").value);
      this.video.srcObject = stream;
      await this.video.play();
      this.run(stream);
    } catch (error) {
      say(error.message);
    }
    by("start").disabled = false;
  }

  run(stream) {
    this.stream = stream;
    this.reset();
    stream.getVideoTracks()[0].onended = () => {
      this.stop();
      say("The camera was disconnected. Connect it, then start again.");
    };
    by("live-stage").style.aspectRatio = `${this.video.videoWidth} / ${this.video.videoHeight}`;
    by("live-start").hidden = true;
    for (const id of ["pause", "stop", "record", "save-timeline"]) by(id).disabled = false;
    this.showCameras();
    this.session = openLive({
      onResult: (result, milliseconds) => this.received(result, milliseconds),
      onProblem: say,
      onState: say,
    });
    this.configure();
    const loop = (now) => {
      if (this.stream !== stream) return;
      this.tick(now);
      requestAnimationFrame(loop);
    };
    requestAnimationFrame(loop);
    by("pause").focus();
  }

  stop() {
    if (!this.stream) return;
    this.session.close();
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = this.video.srcObject = null;
    this.recording.stop();
    this.showRecording();
    say("");
    by("live-overlay").getContext("2d").clearRect(0, 0, by("live-overlay").width, by("live-overlay").height);
    by("live-start").hidden = false;
    by("live-paused").hidden = true;
    by("pause").textContent = "Pause";
    for (const id of ["pause", "stop", "record"]) by(id).disabled = true;
    by("live-status").textContent = "";
    showPeople("now", "now-empty", []);
    by("start").focus();
  }

  setPaused(isPaused) {
    this.isPaused = isPaused;
    by("pause").textContent = isPaused ? "Continue" : "Pause";
    by("live-paused").hidden = !isPaused;
    if (isPaused) this.video.pause();
    else this.video.play();
  }

  // A page that nobody sees uses neither the camera's frames nor the server.
  hide(isHidden) {
    if (!this.stream || (isHidden && this.isPaused)) return;
    if (isHidden || this.isHidden) this.setPaused(isHidden);
    this.isHidden = isHidden;
  }

  record() {
    if (this.recording.isOn) this.recording.stop();
    else this.recording.start();
    this.showRecording();
  }

  showRecording() {
    const { isOn, results, state } = this.recording;
    by("record").setAttribute("aria-pressed", String(isOn));
    by("record-state").textContent = state;
    by("save-jsonl").disabled = by("save-csv").disabled = !results.length;
  }

  configure() {
    this.showLegend();
    const options = { smooth: Number(by("smooth").value), bundle: by("live-bundle").value, detector: by("live-detector").value };
    this.session?.configure(options);
  }

  async showCameras() {
    const found = await listCameras();
    const used = this.stream?.getVideoTracks()[0].getSettings().deviceId;
    by("camera").replaceChildren(...found.map(({ id, name }) => element("option", { value: id, textContent: name })));
    if (used) by("camera").value = used;
  }

  // Runs at the rate of the display: draws what is known, and sends a frame if one would be processed next.
  tick(now) {
    if (this.result) {
      const faces = this.glide.moved(this.result.faces, now);
      drawOverlay(by("live-overlay"), this.result, faces, { mirrored: by("mirror").checked, bars: by("live-bars").checked });
    }
    if (this.isPaused) return;
    this.timeline.draw(now / 1000);
    const { currentTime, videoWidth, videoHeight } = this.video;
    if (currentTime === this.sentTime || !this.session.isReady || !videoWidth) return;
    this.sentTime = currentTime;
    const scale = Math.min(1, LONGEST_SIDE / Math.max(videoWidth, videoHeight));
    this.frame.width = Math.round(videoWidth * scale);
    this.frame.height = Math.round(videoHeight * scale);
    this.frame.getContext("2d").drawImage(this.video, 0, 0, this.frame.width, this.frame.height);
    this.session.send(this.frame);
  }

  received(result, milliseconds) {
    if (!this.stream || this.isPaused) return;
    say("");
    const now = performance.now() / 1000;
    this.result = result;
    this.recording.add(result, now);
    if (this.recording.isOn) this.showRecording();
    const faces = bySize(result.faces);
    this.timeline.add(now, faces);
    fillSelect(by("live-person"), ["", ...this.timeline.people.map(String)], (track) => (track ? `Person ${track}` : "Largest face"));
    this.timeline.person = Number(by("live-person").value);
    showPeople("now", "now-empty", faces);
    this.showRate(now, milliseconds);
    this.speak(faces);
  }

  showRate(now, milliseconds) {
    this.times.push(now);
    while (this.times[0] < now - RATE_SECONDS) this.times.shift();
    const rate = this.times.length > 1 ? (this.times.length - 1) / (now - this.times[0]) : 0;
    by("live-status").textContent = `${rate.toFixed(0)} frames/s, ${milliseconds.toFixed(0)} ms`;
  }

  // Screen readers hear the expressions now and then, not at each frame.
  speak(faces) {
    const now = performance.now();
    if (now - this.spokenAt < SPEAK_EVERY) return;
    this.spokenAt = now;
    const words = faces.slice(0, MOST_SPOKEN).map((face) => `${face.label} ${percent(face.confidence)}`);
    const more = faces.length > MOST_SPOKEN ? [`and ${count(faces.length - MOST_SPOKEN, "more face")}`] : [];
    const text = [...words, ...more].join(", ") || "no face";
    if (by("live-spoken").textContent !== text) by("live-spoken").textContent = text;
  }
}
