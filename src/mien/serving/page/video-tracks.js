// The timeline of a video: a stacked area for each person, with a cursor over all of them.

import { by, element, fitBitmap } from "./dom.js";
import { drawStacked } from "./stacked-area.js";
import { clock, percent } from "./words.js";

const FEW = 6;

export class VideoTracks {
  /** @param {{onSeek: (time: number) => void, onPerson: (track: number | null) => void}} handlers */
  constructor({ onSeek, onPerson }) {
    this.onSeek = onSeek;
    this.onPerson = onPerson;
    this.rows = by("track-rows");
    /** @type {import("./video-results.js").VideoResults | null} */
    this.results = null;
    /** @type {string[]} */
    this.classes = [];
    this.duration = this.time = 0;
    /** @type {number | null} */
    this.chosen = null;
    this.isLong = false;
    by("seek").oninput = () => onSeek(Number(by("seek").value));
    by("more-people").onclick = () => {
      this.isLong = true;
      this.showRows();
    };
    new ResizeObserver(() => this.paint()).observe(this.rows);
  }

  /**
   * @param {import("./video-results.js").VideoResults} results
   * @param {string[]} classes
   * @param {number} duration
   */
  open(results, classes, duration) {
    Object.assign(this, { results, classes, duration, chosen: null, isLong: false, time: 0 });
    by("seek").max = String(duration);
    this.showRows();
  }

  /** @param {number | null} track The person that is shown larger; null: all are alike. */
  choose(track) {
    this.chosen = track;
    this.showRows();
  }

  get people() {
    const all = this.results.people;
    if (this.isLong || all.length <= FEW) return all;
    const few = all.slice(0, FEW);
    return few.includes(this.chosen) || this.chosen === null ? few : [...few, this.chosen];
  }

  showRows() {
    const focused = document.activeElement?.closest?.(".track-name")?.getAttribute("data-track");
    const rows = this.people.map((track) => this.row(track));
    this.rows.replaceChildren(...rows);
    const hidden = this.results.people.length - rows.length;
    by("more-people").hidden = hidden <= 0;
    by("more-people").textContent = `Show all ${this.results.people.length} people`;
    if (focused) /** @type {HTMLElement} */ (this.rows.querySelector(`[data-track="${focused}"]`))?.focus();
    this.paint();
  }

  row(track) {
    const { start, end, shares } = this.results.summary(track);
    const isChosen = track === this.chosen;
    const [most] = shares;
    const name = element("button", { className: "track-name", onclick: () => this.onPerson(isChosen ? null : track) },
      element("span", { textContent: `Person ${track}` }),
      element("span", { className: "quiet", textContent: `mostly ${most.label}` }));
    name.setAttribute("aria-pressed", String(isChosen));
    name.dataset.track = String(track);
    const canvas = element("canvas", { className: "timeline" });
    canvas.dataset.track = String(track);
    canvas.setAttribute("role", "img");
    const words = shares.map(({ label, share }) => `${label} ${percent(share)}`).join(", ");
    canvas.setAttribute("aria-label", `Person ${track}, ${clock(start)} to ${clock(end)}: ${words}`);
    this.takeSeeks(canvas);
    return element("li", { className: isChosen ? "chosen" : "" }, name, canvas);
  }

  takeSeeks(canvas) {
    const seek = (event) => {
      const { left, width } = canvas.getBoundingClientRect();
      this.onSeek(this.duration * Math.max(0, Math.min(1, (event.clientX - left) / width)));
    };
    canvas.onpointerdown = (event) => {
      canvas.setPointerCapture(event.pointerId);
      seek(event);
    };
    canvas.onpointermove = (event) => canvas.hasPointerCapture(event.pointerId) && seek(event);
  }

  paint() {
    if (!this.results) return;
    for (const canvas of this.rows.querySelectorAll("canvas")) this.paintTrack(canvas);
    this.showTime(this.time);
  }

  paintTrack(canvas) {
    if (!canvas.clientWidth) return;
    fitBitmap(canvas);
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    const samples = this.results.samples.get(Number(canvas.dataset.track))
      .map(({ time, face }) => ({ time, probabilities: this.classes.map((name) => face.probabilities[name] ?? 0) }));
    const x = (time) => canvas.width * time / this.duration;
    drawStacked(context, samples, this.classes, { x, height: canvas.height, gap: this.results.gap });
  }

  showTime(time) {
    this.time = time;
    by("seek").value = String(time);
    by("seek").setAttribute("aria-valuetext", `${clock(time)} of ${clock(this.duration)}`);
    const canvas = this.rows.querySelector("canvas");
    by("cursor").hidden = !canvas;
    if (!canvas) return;
    const share = this.duration ? time / this.duration : 0;
    const { left, width } = canvas.getBoundingClientRect();
    const from = left - by("tracks").getBoundingClientRect().left;
    by("cursor").style.transform = `translateX(${from + share * width}px)`;
  }
}
