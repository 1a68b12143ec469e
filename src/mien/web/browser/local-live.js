// Live recognition by the worker: one frame is processed while the newest one waits.

import { ask, newSession } from "./local-recognition.js";

const PATIENCE = 700; // milliseconds
const LOADING = "The recognition is being loaded. This takes a while the first time…";

/** @implements {import("./types.js").LiveSession} */
class LocalSession {
  /** @param {import("./types.js").LiveHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    this.session = newSession();
    this.began = performance.now();
    this.frames = 0;
    this.newest = null;
    this.isBusy = false;
    this.isTaking = false;
    this.isOpen = false;
    this.closed = false;
  }

  configure(options) {
    const configured = ask("configure", { session: this.session, options, source: "live" });
    const timer = setTimeout(() => !this.closed && this.handlers.onState(LOADING), PATIENCE);
    configured.then(() => this.opened(), (error) => this.failed(error)).finally(() => clearTimeout(timer));
  }

  opened() {
    this.isOpen = true;
    if (!this.closed) this.handlers.onState("");
  }

  get isReady() {
    return this.isOpen && !this.closed && !this.isTaking && !(this.isBusy && this.newest);
  }

  async send(canvas) {
    if (!this.isReady) return;
    const taken = performance.now();
    this.isTaking = true;
    const bitmap = await createImageBitmap(canvas);
    this.isTaking = false;
    this.newest?.bitmap.close();
    this.newest = { bitmap, taken, frame: this.frames++ };
    if (!this.isBusy) this.process();
  }

  async process() {
    this.isBusy = true;
    while (this.newest && !this.closed) {
      const { bitmap, taken, frame } = this.newest;
      this.newest = null;
      try {
        const time = (taken - this.began) / 1000;
        const result = await ask("frame", { session: this.session, bitmap, frame, time }, [bitmap]);
        if (!this.closed) this.handlers.onResult(result, performance.now() - taken);
      } catch (error) {
        this.failed(error);
      }
    }
    this.isBusy = false;
  }

  failed(error) {
    if (!this.closed) this.handlers.onProblem(error.message);
  }

  close() {
    this.closed = true;
    ask("end", { session: this.session }).catch(() => {});
  }
}

/**
 * @param {import("./types.js").LiveHandlers} handlers
 * @returns {import("./types.js").LiveSession}
 */
export const openLive = (handlers) => new LocalSession(handlers);
