// The results of a video: who is where at a time, and what each person shows over time.

/** @typedef {import("./types.js").Result} Result */
/** @typedef {import("./types.js").Face} Face */

/**
 * @typedef {object} Passage Consecutive frames in which a person shows the same expression.
 * @property {number} start In seconds.
 * @property {number} length In seconds.
 * @property {number} track
 * @property {string} label
 * @property {number} confidence The mean.
 */

const LONGEST_STEP = 1;
const SHORTEST_GAP = 1;

// The index of the last item whose time is not after `time`; -1 if there is none.
function lastBefore(items, time) {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (items[middle].time <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const between = (box, next, share) => box.map((value, at) => value + share * (next[at] - value));

export class VideoResults {
  constructor() {
    /** @type {Result[]} */
    this.results = [];
    /** @type {Map<number, {time: number, face: Face}[]>} */
    this.samples = new Map();
  }

  /** @param {Result} result Later than the ones before. */
  add(result) {
    this.results.push(result);
    for (const face of result.faces) {
      if (!this.samples.has(face.track)) this.samples.set(face.track, []);
      this.samples.get(face.track).push({ time: result.time, face });
    }
  }

  get count() {
    return this.results.reduce((sum, result) => sum + result.faces.length, 0);
  }

  /** Seconds between two results, on average. */
  get step() {
    const { length } = this.results;
    return length > 1 ? (this.results[length - 1].time - this.results[0].time) / (length - 1) : 0;
  }

  get duration() {
    return this.results.length ? this.results.at(-1).time + this.step : 0;
  }

  /** Seconds without a person after which it has left. */
  get gap() {
    return Math.max(SHORTEST_GAP, 3 * this.step);
  }

  /** The tracks, those that are seen longest first. */
  get people() {
    return [...this.samples.keys()].sort((one, other) => this.samples.get(other).length - this.samples.get(one).length);
  }

  get labels() {
    return [...new Set([...this.samples.values()].flatMap((samples) => samples.map(({ face }) => face.label)))].sort();
  }

  /**
   * The faces at a time. Between two results, boxes move from one to the other.
   * @param {number} time
   * @returns {Face[]}
   */
  facesAt(time) {
    const at = lastBefore(this.results, time + 1e-4);
    const before = this.results[at];
    if (!before || time - before.time > Math.max(LONGEST_STEP, 1.5 * this.step)) return [];
    const after = this.results[at + 1];
    if (!after) return before.faces;
    const share = Math.max(0, Math.min(1, (time - before.time) / (after.time - before.time || 1)));
    return before.faces.map((face) => {
      const next = after.faces.find((one) => one.track === face.track);
      return next ? { ...face, box: /** @type {Face["box"]} */ (between(face.box, next.box, share)) } : face;
    });
  }

  /** How long a person is seen, from when to when, and the shares of its expressions, the largest first. */
  summary(track) {
    const samples = this.samples.get(track);
    const counts = new Map();
    for (const { face } of samples) counts.set(face.label, (counts.get(face.label) || 0) + 1);
    const shares = [...counts].map(([label, number]) => ({ label, share: number / samples.length }));
    shares.sort((one, other) => other.share - one.share);
    return { start: samples[0].time, end: samples.at(-1).time + this.step, shares };
  }

  /** @returns {Passage[]} In the order of time. */
  passages() {
    const found = [];
    for (const [track, samples] of this.samples) {
      let last = null;
      for (const { time, face } of samples) {
        if (!last || last.label !== face.label || time - last.end > this.gap) {
          last = { start: time, track, label: face.label, frames: 0, sum: 0, end: time };
          found.push(last);
        }
        last.end = time + this.step;
        last.frames += 1;
        last.sum += face.confidence;
      }
    }
    found.sort((one, other) => one.start - other.start);
    return found.map(({ start, track, label, frames, sum, end }) => ({ start, length: end - start, track, label, confidence: sum / frames }));
  }

  /** @returns {Passage[]} One for each face of each frame. */
  frames() {
    return this.results.flatMap(({ time, faces }) => faces.map(({ track, label, confidence }) => (
      { start: time, length: this.step, track, label, confidence }
    )));
  }
}
