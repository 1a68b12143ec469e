// The section "Live": the camera's frames go to the server, faces come back and are drawn over the picture.

import { openLive } from "./api.js";
import { drawFaces } from "./drawing.js";
import { element, percent, remarkOf, save, showBars, showProblem, swatch } from "./expressions.js";
import { toCsv } from "./table.js";
import { Timeline } from "./timeline.js";

const LONGEST_SIDE = 640;
const MOST_PEOPLE = 3;
const MOST_SAVED = 200000;
const SPEAK_EVERY = 4000;

const CAMERA_PROBLEMS = {
  NotAllowedError: "The browser may not use the camera. Allow it in the address bar, then start again.",
  NotFoundError: "No camera was found. Connect one, then start again.",
  NotReadableError: "The camera is used by another program. Close that program, then start again.",
  OverconstrainedError: "This camera can't be used. Choose another one.",
};

const by = (id) => document.getElementById(id);

export class Live {
  constructor(bundles) {
    this.bundles = bundles;
    this.video = by("live-video");
    this.overlay = by("live-overlay");
    this.frame = document.createElement("canvas");
    this.timeline = new Timeline(by("live-timeline"));
    this.reset();
    by("start").onclick = () => this.start();
    by("stop").onclick = () => this.stop();
    by("pause").onclick = () => this.setPaused(!this.paused);
    by("mirror").onchange = () => by("live-stage").classList.toggle("mirrored", by("mirror").checked);
    by("camera").onchange = () => this.stream && this.start();
    for (const id of ["live-bundle", "live-detector", "smooth"]) by(id).onchange = () => this.configure();
    by("save-jsonl").onclick = () => this.saveLines();
    by("save-csv").onclick = () => save("live.csv", toCsv(this.saved, this.classes()), "text/csv");
    by("save-timeline").onclick = () => this.saveTimeline();
    by("live-stage").classList.toggle("mirrored", by("mirror").checked);
    document.addEventListener("visibilitychange", () => document.hidden && this.stream && this.setPaused(true));
    this.showLegend();
  }

  reset() {
    this.result = null;
    this.saved = [];
    this.times = [];
    this.paused = false;
    this.spoken = 0;
    this.shown = new Map();
  }

  classes() {
    return this.bundles.find((bundle) => bundle.name === by("live-bundle").value).classes;
  }

  showLegend() {
    by("live-legend").replaceChildren(...this.classes().map((name) => element("li", {}, swatch(name), name)));
  }

  async start() {
    this.stop();
    showProblem("");
    if (!navigator.mediaDevices) {
      showProblem("Browsers give the camera to pages of this computer or of https addresses only.");
      return;
    }
    const camera = by("camera").value;
    try {
      const wanted = { width: { ideal: 1280 }, height: { ideal: 720 }, deviceId: camera ? { exact: camera } : undefined };
      this.stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
    } catch (error) {
      showProblem(CAMERA_PROBLEMS[error.name] || `The camera can't be opened: ${error.message}`);
      return;
    }
    this.reset();
    this.timeline.clear();
    this.video.srcObject = this.stream;
    this.stream.getVideoTracks()[0].onended = () => {
      showProblem("The camera was disconnected.");
      this.stop();
    };
    await this.video.play();
    by("live-stage").style.aspectRatio = `${this.video.videoWidth} / ${this.video.videoHeight}`;
    by("live-start").hidden = true;
    for (const id of ["pause", "stop", "save-jsonl", "save-csv", "save-timeline"]) by(id).disabled = false;
    this.listCameras();
    this.connection = openLive({
      onResult: (result, milliseconds) => this.received(result, milliseconds),
      onProblem: (text) => showProblem(text),
      onState: showProblem,
    });
    this.configure();
    const current = this.stream;
    const loop = () => {
      if (this.stream !== current) return;
      this.tick();
      requestAnimationFrame(loop);
    };
    requestAnimationFrame(loop);
  }

  stop() {
    if (!this.stream) return;
    this.connection.close();
    for (const track of this.stream.getTracks()) track.stop();
    this.stream = null;
    this.video.srcObject = null;
    this.overlay.getContext("2d").clearRect(0, 0, this.overlay.width, this.overlay.height);
    by("live-start").hidden = false;
    by("pause").disabled = by("stop").disabled = true;
    this.setPaused(false);
    by("live-status").textContent = "";
  }

  setPaused(paused) {
    this.paused = paused;
    by("pause").textContent = paused ? "Continue" : "Pause";
    by("pause").setAttribute("aria-pressed", String(paused));
    if (!this.stream) return;
    if (paused) this.video.pause();
    else this.video.play();
  }

  configure() {
    this.showLegend();
    if (!this.connection) return;
    const options = { smooth: Number(by("smooth").value), bundle: by("live-bundle").value, detector: by("live-detector").value };
    this.connection.configure(options);
  }

  async listCameras() {
    const found = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
    const used = this.stream?.getVideoTracks()[0].getSettings().deviceId;
    by("camera").replaceChildren(
      ...found.map((one, at) => element("option", { value: one.deviceId, textContent: one.label || `Camera ${at + 1}` })),
    );
    if (used) by("camera").value = used;
  }

  // Runs at the rate of the display: draws what is known, and sends a frame if the server is ready for one.
  tick() {
    this.draw();
    const now = performance.now() / 1000;
    this.timeline.draw(now);
    const isNew = this.video.currentTime !== this.sentTime;
    if (this.paused || !isNew || !this.connection.isReady || !this.video.videoWidth) return;
    this.sentTime = this.video.currentTime;
    const scale = Math.min(1, LONGEST_SIDE / Math.max(this.video.videoWidth, this.video.videoHeight));
    this.frame.width = Math.round(this.video.videoWidth * scale);
    this.frame.height = Math.round(this.video.videoHeight * scale);
    this.frame.getContext("2d").drawImage(this.video, 0, 0, this.frame.width, this.frame.height);
    this.connection.send(this.frame);
  }

  received(result, milliseconds) {
    if (!this.stream || this.paused) return;
    showProblem("");
    const now = performance.now() / 1000;
    this.result = result;
    this.times.push(now);
    while (this.times[0] < now - 2) this.times.shift();
    if (this.saved.length < MOST_SAVED) this.saved.push(result);
    const people = this.people();
    this.timeline.add(now, people[0] ? people[0].probabilities : null);
    by("timeline-who").textContent = people[0] ? `of person ${people[0].track}` : "";
    this.showPeople(people);
    const rate = this.times.length > 1 ? (this.times.length - 1) / (now - this.times[0]) : 0;
    by("live-status").textContent = `${rate.toFixed(0)} frames/s, ${milliseconds.toFixed(0)} ms`;
    by("saved-count").textContent = this.saved.length.toLocaleString("en");
    this.speak(people);
  }

  // The faces by size, so that the largest one is followed.
  people() {
    return [...this.result.faces].sort((one, other) => other.box[2] * other.box[3] - one.box[2] * one.box[3]);
  }

  showPeople(people) {
    by("now-empty").hidden = people.length > 0;
    const shown = people.slice(0, MOST_PEOPLE);
    const wanted = shown.map((face) => face.track).join();
    const place = by("now");
    if (place.dataset.tracks !== wanted) {
      place.dataset.tracks = wanted;
      place.replaceChildren(...shown.map(() => element("div", { className: "person" }, element("h3"), element("div"))));
    }
    shown.forEach((face, at) => {
      const remark = remarkOf(face);
      place.children[at].children[0].textContent = `Person ${face.track}: ${face.label}${remark ? ` (${remark})` : ""}`;
      showBars(place.children[at].children[1], face);
    });
  }

  // Screen readers hear the expression now and then, not at each frame.
  speak(people) {
    const now = performance.now();
    if (now - this.spoken < SPEAK_EVERY) return;
    this.spoken = now;
    const words = people.slice(0, MOST_PEOPLE).map((face) => `${face.label} ${percent(face.confidence)}`);
    const text = words.join(", ") || "no face";
    if (by("live-spoken").textContent !== text) by("live-spoken").textContent = text;
  }

  draw() {
    const ratio = devicePixelRatio || 1;
    const width = Math.round(this.overlay.clientWidth * ratio);
    const height = Math.round(this.overlay.clientHeight * ratio);
    if (this.overlay.width !== width || this.overlay.height !== height) {
      this.overlay.width = width;
      this.overlay.height = height;
    }
    const context = this.overlay.getContext("2d");
    context.clearRect(0, 0, width, height);
    if (!this.result) return;
    const scale = Math.min(width / this.result.width, height / this.result.height);
    drawFaces(context, this.moved(this.result.faces), {
      scale,
      left: (width - this.result.width * scale) / 2,
      top: (height - this.result.height * scale) / 2,
      mirrorWidth: by("mirror").checked ? this.result.width : 0,
    });
  }

  // Boxes glide to where the faces were found, since results come less often than the display is drawn.
  moved(faces) {
    const shown = new Map();
    for (const face of faces) {
      const before = this.shown.get(face.track);
      const box = before ? face.box.map((value, at) => before[at] + 0.4 * (value - before[at])) : face.box;
      shown.set(face.track, box);
    }
    this.shown = shown;
    return faces.map((face) => ({ ...face, box: shown.get(face.track) }));
  }

  saveLines() {
    const lines = this.saved.map((result) => JSON.stringify(result));
    save("live.jsonl", `${lines.join("\n")}\n`, "application/jsonl");
  }

  saveTimeline() {
    by("live-timeline").toBlob((blob) => save("timeline.png", blob, "image/png"));
  }
}
