// What is kept of a live session: results while it is recorded.

import { count } from "./words.js";

const MOST = 200000;

export class Recording {
  constructor() {
    this.results = [];
    this.isOn = false;
    this.began = 0;
  }

  start() {
    this.results = [];
    this.isOn = true;
  }

  stop() {
    this.isOn = false;
  }

  /**
   * Keeps a result, numbered from the start of the recording: the server counts anew when it is connected again.
   * @param {import("./types.js").Result} result
   * @param {number} now In seconds.
   */
  add(result, now) {
    if (!this.isOn) return;
    if (!this.results.length) this.began = now;
    const time = Math.round(1e4 * (now - this.began)) / 1e4;
    this.results.push({ ...result, frame: this.results.length, time });
    if (this.results.length >= MOST) this.stop();
  }

  get state() {
    const frames = count(this.results.length, "frame");
    if (this.isOn) return `Recording: ${frames}`;
    return this.results.length ? `Recorded: ${frames}` : "Press Record to keep the results of the frames from then on.";
  }
}
