// The recognition of this site in place of a server: the same functions, answered by a worker of this browser.

import { readySite } from "./offline.js";

export class ServerError extends Error {}

const waiting = new Map();
let count = 0;
let starting = null;

// The worker starts after the site was stored for offline use, so that its files are loaded once.
function worker() {
  starting ??= readySite().then(() => {
    const made = new Worker(new URL("recognition/worker.js", import.meta.url), { type: "module" });
    made.onmessage = ({ data: { id, answer, error } }) => {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (error === undefined) resolve(answer);
      else reject(new ServerError(`The recognition failed: ${error}.`));
    };
    made.onerror = () => failAll("The recognition can't be loaded. Reload the page; if that does not help, use another browser.");
    return made;
  });
  return starting;
}

function failAll(text) {
  starting = null;
  for (const { reject } of waiting.values()) reject(new ServerError(text));
  waiting.clear();
}

async function ask(kind, content) {
  const recognition = await worker();
  return new Promise((resolve, reject) => {
    const id = count++;
    waiting.set(id, { resolve, reject });
    recognition.postMessage({ id, kind, ...content });
  });
}

let manifest = null;

export async function getBundles() {
  try {
    manifest ??= await (await fetch(new URL("manifest.json", import.meta.url))).json();
  } catch {
    throw new ServerError("The site can't be loaded completely. Reload the page.");
  }
  ask("about", {}).catch(() => {}); // loads the runtime meanwhile
  return { bundles: manifest.bundles, detectors: manifest.detectors };
}

// Results of images; { source, error } of those that can't be read.
export async function recognize(files, choice) {
  const results = [];
  for (const file of files) {
    results.push(await ask("image", { file, source: file.webkitRelativePath || file.name, choice }));
  }
  return { ...choice, results };
}

// Frames of a camera: the newest one waits while another is recognized. Handlers: onResult, onProblem, onState.
export class LiveConnection {
  constructor(handlers) {
    this.handlers = handlers;
    this.session = count++;
    this.began = performance.now();
    this.frames = 0;
    this.inFlight = 0;
    this.newest = null;
    this.closed = false;
    this.configured = worker().then(() => {
      this.isOpen = true;
      if (!this.closed) handlers.onState("open");
    });
  }

  configure(options) {
    this.configured = ask("configure", { session: this.session, options, source: "live" });
    this.configured.then(() => { this.isOpen = true; }, (error) => this.handlers.onProblem(error.message));
  }

  get isReady() {
    return Boolean(this.isOpen) && !this.closed && this.inFlight < 2;
  }

  send(blob) {
    if (!this.isReady) return;
    this.newest = { image: blob, frame: this.frames++, arrived: performance.now() };
    if (this.inFlight++ === 0) this.process();
  }

  async process() {
    while (this.newest && !this.closed) {
      const { image, frame, arrived } = this.newest;
      this.newest = null;
      try {
        await this.configured;
        const time = (arrived - this.began) / 1000;
        const result = await ask("frame", { session: this.session, image, frame, time });
        this.inFlight = this.newest ? 1 : 0;
        if (!this.closed) this.handlers.onResult({ ...result, milliseconds: performance.now() - arrived });
      } catch (error) {
        this.inFlight = this.newest ? 1 : 0;
        if (!this.closed) this.handlers.onProblem(error.message);
      }
    }
    this.inFlight = 0;
  }

  close() {
    this.closed = true;
    this.newest = null;
    ask("end", { session: this.session }).catch(() => {});
  }
}
