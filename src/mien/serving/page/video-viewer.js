// A processed video: the player, the timeline and the table, whose positions are linked.

import { readResults } from "./api.js";
import { toCsv, toJsonLines } from "./csv.js";
import { by, element, fillSelect, save, showProblem } from "./dom.js";
import { legend, pill } from "./expressions.js";
import { drawOverlay } from "./overlay.js";
import { bySize, showPeople } from "./people.js";
import { SortedTable } from "./sorted-table.js";
import { VideoPlayer } from "./video-player.js";
import { VideoResults } from "./video-results.js";
import { VideoTracks } from "./video-tracks.js";
import { clock, percent } from "./words.js";

const FRAME = 1 / 25;
const WITHOUT_FILE = "The server has removed the video. To see it behind the boxes, choose its file again.";
const UNPLAYABLE = "This browser can't play this kind of video. Boxes, timeline and table work without it.";

export class VideoViewer {
  /** @param {import("./types.js").Bundle[]} bundles */
  constructor(bundles) {
    this.bundles = bundles;
    this.player = new VideoPlayer(by("video-player"), (time) => this.showTime(time));
    this.tracks = new VideoTracks({ onSeek: (time) => this.player.seek(time), onPerson: (track) => this.choose(track) });
    this.table = new SortedTable(by("passages-table"), this.columns(), { noun: "passages", onRow: (row) => this.player.seek(row.start) });
    by("play").onclick = () => this.player.toggle();
    by("video-stage").onclick = (event) => event.target.closest("button") || this.player.toggle();
    by("speed").onchange = () => this.player.setRate(Number(by("speed").value));
    by("sound").onchange = () => { this.player.video.muted = !by("sound").checked; };
    by("video-bars").onchange = () => this.showTime(this.player.time);
    by("video-person").onchange = () => this.choose(by("video-person").value ? Number(by("video-person").value) : null);
    for (const id of ["video-rows", "video-label"]) by(id).onchange = () => this.showTable();
    by("video-confidence").oninput = () => this.showTable();
    by("video-jsonl").onclick = () => save(`${this.stem}.jsonl`, toJsonLines(this.results.results), "application/jsonl");
    by("video-csv").onclick = () => save(`${this.stem}.csv`, toCsv(this.results.results, this.classes), "text/csv");
    by("attach").onclick = () => by("attach-file").click();
    by("attach-file").onchange = () => this.attach(by("attach-file").files[0]);
    by("viewer").addEventListener("keydown", (event) => this.onKey(event));
    new ResizeObserver(() => this.job && this.showTime(this.player.time)).observe(by("video-stage"));
  }

  columns() {
    return [
      { key: "start", cell: ({ start }) => element("button", { className: "link numeric", textContent: clock(start, 2), ariaLabel: `Go to ${clock(start, 2)}` }) },
      { key: "length", className: "numeric", falls: true, cell: ({ length }) => `${length.toFixed(length < 1 ? 2 : 1)} s` },
      { key: "track", className: "numeric", cell: ({ track }) => String(track) },
      { key: "label", cell: ({ label }) => pill(label) },
      { key: "confidence", className: "numeric", falls: true, cell: ({ confidence }) => percent(confidence) },
    ];
  }

  get stem() {
    return this.job.name.replace(/\.[^./]*$/, "");
  }

  /**
   * Reads the results of a job and shows them.
   * @param {import("./types.js").Job} job
   * @param {File | undefined} file The video, if this page still has it.
   */
  async open(job, file) {
    this.close();
    this.reading = new AbortController();
    const results = new VideoResults();
    for await (const result of readResults(job.id, this.reading.signal)) results.add(result);
    this.job = job;
    this.results = results;
    const bundle = this.bundles.find(({ name }) => name === job.options.bundle) || this.bundles[0];
    const [some] = results.samples.values();
    this.classes = some ? Object.keys(some[0].face.probabilities) : bundle.classes;
    by("viewer").hidden = false;
    by("video-drop").classList.add("compact");
    this.player.open(results.duration);
    await this.attach(file);
    this.show();
    by("viewer-title").focus();
  }

  close() {
    this.reading?.abort();
    this.player.close();
    this.job = this.results = null;
    by("viewer").hidden = true;
    by("video-drop").classList.remove("compact");
  }

  async attach(file) {
    by("attach-file").value = "";
    const isShown = file ? await this.player.attach(file) : false;
    by("video-note").hidden = isShown;
    by("video-note-text").textContent = file ? UNPLAYABLE : WITHOUT_FILE;
    by("attach").hidden = Boolean(file);
    by("video-stage").classList.toggle("without-video", !isShown);
    by("sound").disabled = !isShown;
    if (this.job) this.tracks.open(this.results, this.classes, this.player.duration);
    this.showTime(this.player.time);
  }

  show() {
    const { width, height } = this.size;
    by("viewer-title").textContent = this.job.name;
    by("video-stage").style.aspectRatio = `${width} / ${height}`;
    by("video-legend").replaceChildren(...legend(this.classes));
    fillSelect(by("video-person"), ["", ...this.results.people.map(String)], (track) => (track ? `Person ${track}` : "All"));
    fillSelect(by("video-label"), ["", ...this.results.labels], (label) => label || "All");
    by("video-person").value = by("video-label").value = "";
    this.tracks.open(this.results, this.classes, this.player.duration);
    this.showTable();
    this.showTime(0);
    if (!this.results.count) showProblem(`No face was found in ${this.job.name}.`, "video");
  }

  get size() {
    return this.results.results[0] || { width: 16, height: 9 };
  }

  /** @param {number | null} track */
  choose(track) {
    by("video-person").value = track === null ? "" : String(track);
    this.tracks.choose(track);
    this.showTable();
    this.showTime(this.player.time);
  }

  showTable() {
    const rows = by("video-rows").value === "frames" ? this.results.frames() : this.results.passages();
    const least = Number(by("video-confidence").value) / 100;
    by("video-least").textContent = percent(least);
    const label = by("video-label").value;
    const { chosen } = this.tracks;
    this.table.noun = by("video-rows").value;
    this.table.show(rows.filter((row) => row.confidence >= least && (!label || row.label === label)
      && (chosen === null || row.track === chosen)), rows.length);
  }

  showTime(time) {
    if (!this.job) return;
    const faces = this.results.facesAt(time);
    const { chosen } = this.tracks;
    drawOverlay(by("video-overlay"), this.size, faces, { bars: by("video-bars").checked, chosen });
    showPeople("at", "at-empty", bySize(chosen === null ? faces : faces.filter((face) => face.track === chosen)));
    this.tracks.showTime(time);
    by("video-time").textContent = `${clock(time, 1)} / ${clock(this.player.duration)}`;
    const word = this.player.isPlaying ? "Pause" : "Play";
    if (by("play").textContent !== word) by("play").textContent = word;
  }

  // Space plays, arrows move by a frame or a second, unless a control uses the key itself.
  onKey(event) {
    if (event.target.closest("button, select, input, .table-frame") || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = event.shiftKey ? 1 : Math.max(FRAME, this.results.step);
    if (event.key === " ") this.player.toggle();
    else if (event.key === "ArrowLeft") this.player.seek(this.player.time - step);
    else if (event.key === "ArrowRight") this.player.seek(this.player.time + step);
    else return;
    event.preventDefault();
  }
}
