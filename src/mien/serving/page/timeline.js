// A stacked area of probabilities over the last seconds.

import { colorOf } from "./expressions.js";

const SECONDS = 60;
const GAP = 1.5;

export class Timeline {
  constructor(canvas) {
    this.canvas = canvas;
    this.clear();
  }

  clear() {
    this.samples = [];
    this.draw(0);
  }

  // Adds the probabilities of the followed face at a time in seconds; null where there is none.
  add(time, probabilities) {
    this.samples.push({ time, probabilities });
    while (this.samples.length && this.samples[0].time < time - SECONDS - 1) this.samples.shift();
  }

  draw(now) {
    const ratio = devicePixelRatio || 1;
    const width = Math.round(this.canvas.clientWidth * ratio);
    const height = Math.round(this.canvas.clientHeight * ratio);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    const context = this.canvas.getContext("2d");
    context.clearRect(0, 0, width, height);
    for (const run of this.runs()) this.drawRun(context, run, (time) => width * (1 - (now - time) / SECONDS), height);
  }

  // Parts without a gap.
  runs() {
    const runs = [];
    let last = null;
    for (const sample of this.samples) {
      if (sample.probabilities) {
        const follows = last && last.probabilities && sample.time - last.time < GAP;
        if (follows) runs.at(-1).push(sample);
        else runs.push([sample]);
      }
      last = sample;
    }
    return runs.filter((run) => run.length > 1);
  }

  drawRun(context, run, x, height) {
    const names = Object.keys(run[0].probabilities);
    const base = run.map(() => 0);
    for (const name of names) {
      const next = run.map((sample, at) => base[at] + (sample.probabilities[name] || 0));
      context.beginPath();
      run.forEach((sample, at) => context.lineTo(x(sample.time), height * (1 - base[at])));
      for (let at = run.length - 1; at >= 0; at--) context.lineTo(x(run[at].time), height * (1 - next[at]));
      context.closePath();
      context.fillStyle = colorOf(name);
      context.fill();
      next.forEach((value, at) => { base[at] = value; });
    }
  }
}
