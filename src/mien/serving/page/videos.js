// The section "Video": files are uploaded and processed by jobs, whose results are opened in the viewer.

import { addVideo, followVideo, hasEnded, listVideos, removeVideo } from "./api.js";
import { by, showProblem } from "./dom.js";
import { isVideo, takeChoices, takeDrops } from "./files.js";
import { JobList, stateOf } from "./video-jobs.js";
import { VideoViewer } from "./video-viewer.js";
import { count, gigabytes } from "./words.js";

/** @typedef {import("./types.js").Job} Job */

const say = (text) => showProblem(text, "video");
const addressed = () => decodeURIComponent(location.hash.match(/^#video\/(.+)$/)?.[1] || "");

export class Videos {
  /** @param {import("./types.js").Models} models */
  constructor({ bundles, limits }) {
    this.viewer = new VideoViewer(bundles);
    this.mostBytes = limits?.video_bytes ?? Infinity;
    if (limits) by("video-about").textContent = `The video is removed as soon as it is processed. Its results are kept for ${count(limits.keep_hours, "hour")}.`;
    this.list = new JobList(by("jobs"), { onOpen: (job) => this.open(job), onRemove: (job) => this.remove(job) });
    this.jobs = [];
    this.uploads = [];
    this.number = 0;
    this.files = new Map(); // videos of this page by job, for the player
    takeChoices("choose-video", "video-file", (files) => this.add(files));
    takeDrops(by("video"), (files) => this.add(files));
    by("viewer-close").onclick = () => this.close();
    document.addEventListener("section", (event) => /** @type {CustomEvent} */ (event).detail === "video" && this.refresh());
    document.addEventListener("visibilitychange", () => document.hidden || by("video").hidden || this.refresh());
    addEventListener("hashchange", () => this.openAddressed());
    this.refresh().then(() => this.openAddressed());
  }

  show() {
    this.list.opened = this.viewer.job?.id ?? null;
    this.list.show([...this.uploads, ...this.jobs]);
  }

  async refresh() {
    try {
      this.jobs = await listVideos();
      this.show();
      this.follow();
      showProblem("", "jobs");
    } catch (error) {
      showProblem(error.message, "jobs");
    }
  }

  add(files) {
    say("");
    const refused = files.map((file) => this.refusal(file)).filter(Boolean);
    if (refused.length) say(refused[0]);
    for (const file of files.filter((one) => !this.refusal(one))) {
      const id = `upload-${this.number++}`;
      this.uploads.push({ id, name: file.name, state: "waiting", progress: null, options: this.options(), file, cancel: new AbortController() });
    }
    this.show();
    this.upload();
  }

  // What the server would refuse only after the upload.
  refusal(file) {
    if (!isVideo(file)) return `${file.name} is not a video. Choose a file such as MP4, MOV, MKV, WebM or AVI.`;
    if (file.size > this.mostBytes) {
      return `${file.name} is too large: ${gigabytes(file.size)}, at most ${gigabytes(this.mostBytes)}. Cut it or lower its resolution.`;
    }
    return file.size ? "" : `${file.name} is empty.`;
  }

  options() {
    const value = (name) => by(`video-${name}`).value;
    return { bundle: value("bundle"), detector: value("detector"), every: Number(value("every")), smooth: Number(value("smooth")) };
  }

  async upload() {
    if (this.isUploading) return;
    this.isUploading = true;
    while (this.uploads.length) {
      const [next] = this.uploads;
      await this.send(next).catch((error) => error.name === "AbortError" || say(`${next.name}: ${error.message}`));
      this.uploads = this.uploads.filter((one) => one !== next);
      this.show();
    }
    this.isUploading = false;
    this.follow();
  }

  async send(upload) {
    upload.state = "uploading";
    const onProgress = (share) => {
      upload.progress = share;
      this.list.update(upload);
    };
    const job = await addVideo(upload.file, upload.options, { onProgress, signal: upload.cancel.signal });
    this.files.set(job.id, upload.file);
    this.jobs.unshift(job);
    this.awaited = job.id;
    this.follow();
  }

  // One job is processed at a time, the oldest one first; when it ends, the list may have changed.
  async follow() {
    if (this.isFollowing) return;
    this.isFollowing = true;
    for (let job = this.nextActive(); job; job = this.nextActive()) {
      const { id } = job;
      await followVideo(id, { onJob: (one) => this.changed(one), onState: say, signal: new AbortController().signal })
        .catch((error) => {
          this.jobs = this.jobs.filter((one) => one.id !== id);
          if (error.status !== 404) say(error.message);
        });
      this.jobs = await listVideos().catch(() => this.jobs);
      this.show();
    }
    this.isFollowing = false;
  }

  nextActive() {
    return this.jobs.filter((job) => !hasEnded(job)).at(-1);
  }

  changed(job) {
    this.jobs = this.jobs.map((one) => (one.id === job.id ? job : one));
    this.list.update(job);
    if (!hasEnded(job)) return;
    by("video-spoken").textContent = `${job.name}: ${job.state === "done" ? "done" : stateOf(job)}`;
    if (this.awaited !== job.id) return;
    if (job.state === "done" && !by("video").hidden) this.open(job);
    else if (job.state === "failed") say(job.error.includes(job.name) ? job.error : `${job.name}: ${job.error}`);
  }

  async open(job) {
    try {
      await this.viewer.open(job, this.files.get(job.id));
      history.replaceState(null, "", `#video/${job.id}`);
      this.show();
    } catch (error) {
      if (error.name !== "AbortError") say(error.message);
    }
  }

  openAddressed() {
    const job = this.jobs.find((one) => one.id === addressed() && one.state === "done");
    if (job && this.viewer.job?.id !== job.id) this.open(job);
  }

  close() {
    this.viewer.close();
    history.replaceState(null, "", "#video");
    this.show();
    by("choose-video").focus();
  }

  async remove(job) {
    const upload = this.uploads.find((one) => one.id === job.id);
    if (upload) {
      upload.cancel.abort();
      if (upload.state === "waiting") this.uploads = this.uploads.filter((one) => one !== upload);
      this.show();
      return;
    }
    if (this.viewer.job?.id === job.id) this.close();
    await removeVideo(job.id).catch((error) => error.status === 404 || say(error.message));
    await this.refresh();
  }
}
