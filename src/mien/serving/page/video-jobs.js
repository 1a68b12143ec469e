// The list of videos: those that are uploaded, and the jobs of the server.

import { hasEnded } from "./api.js";
import { by, element } from "./dom.js";
import { count, percent } from "./words.js";

/** @typedef {import("./types.js").Job} Job */
/** @typedef {{onOpen: (job: Job) => void, onRemove: (job: Job) => void}} Handlers */

const when = (seconds) => new Date(1000 * seconds).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });

/** What a job does, in words. */
export function stateOf(job) {
  const share = job.progress === null ? "" : ` ${percent(job.progress)}`;
  switch (job.state) {
    case "waiting": return "Waiting for its upload";
    case "uploading": return `Uploading${share}`;
    case "queued": return "Waiting for the videos before it";
    case "running": return `Processing${share}, ${count(job.frames, "frame")}, ${count(job.faces, "face")}`;
    case "done": return `${count(job.frames, "frame")}, ${count(job.faces, "face")}`;
    case "failed": return job.error;
    default: return "Canceled";
  }
}

export class JobList {
  /** @param {HTMLElement} list @param {Handlers} handlers */
  constructor(list, handlers) {
    this.list = list;
    this.handlers = handlers;
    this.items = new Map();
    this.opened = null;
  }

  /** Shows jobs in this order. Items stay where they are in the document, so that the focus isn't lost. */
  show(jobs) {
    const kept = new Set(jobs.map((job) => job.id));
    for (const [id, item] of this.items) {
      if (kept.has(id)) continue;
      item.remove();
      this.items.delete(id);
    }
    jobs.forEach((job, at) => {
      if (!this.items.has(job.id)) this.items.set(job.id, this.make(job.id));
      const item = this.items.get(job.id);
      if (this.list.children[at] !== item) this.list.insertBefore(item, this.list.children[at] || null);
      this.update(job);
    });
    by("jobs-card").hidden = !jobs.length;
  }

  make(id) {
    const progress = element("progress", { max: 1 });
    const open = element("button", { className: "open", textContent: "Open" });
    const remove = element("button", { className: "remove" });
    const words = element("div", { className: "job-words" }, element("h3"), element("p", { className: "state" }), element("p", { className: "quiet" }), progress);
    const item = element("li", {}, words, element("div", { className: "toolbar" }, open, remove));
    open.onclick = () => this.handlers.onOpen(this.items.get(id).job);
    remove.onclick = () => this.handlers.onRemove(this.items.get(id).job);
    return item;
  }

  update(job) {
    const item = this.items.get(job.id);
    if (!item) return;
    item.job = job;
    const [name, state, about] = item.querySelectorAll("h3, .state, .quiet");
    const isActive = !hasEnded(job);
    name.textContent = job.name;
    state.textContent = stateOf(job);
    state.classList.toggle("failed", job.state === "failed");
    about.textContent = [job.created ? when(job.created) : "", job.options?.bundle || ""].filter(Boolean).join(" · ");
    const progress = item.querySelector("progress");
    progress.hidden = !isActive;
    progress.setAttribute("aria-label", `Progress of ${job.name}`);
    if (job.progress === null) progress.removeAttribute("value");
    else progress.value = job.progress;
    item.querySelector(".open").hidden = job.state !== "done";
    item.querySelector(".open").setAttribute("aria-label", `Open ${job.name}`);
    item.querySelector(".remove").textContent = isActive ? "Cancel" : "Remove";
    item.querySelector(".remove").setAttribute("aria-label", `${isActive ? "Cancel" : "Remove"} ${job.name}`);
    item.classList.toggle("opened", job.id === this.opened);
  }
}
