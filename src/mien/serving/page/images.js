// The section "Images": results are drawn, listed and saved.

import { recognizeImages } from "./api.js";
import { toCsv } from "./csv.js";
import { by, element, fillSelect, save, showProblem, toBlob } from "./dom.js";
import { drawCrop, drawFaces } from "./drawing.js";
import { evidenceOf } from "./evidence.js";
import { pill } from "./expressions.js";
import { showFace } from "./face-dialog.js";
import { isImage, takeChoices, takeDrops } from "./files.js";
import { SortedTable } from "./sorted-table.js";
import { showSection } from "./tabs.js";
import { count, percent, remarkOf } from "./words.js";
import { zip } from "./zip.js";

const THUMBNAIL = 800;
const LETTERS = 22; // of the width of a thumbnail
const CROP = 200;
const TABLE_EVERY = 500; // milliseconds

const say = (text) => showProblem(text, "images");

/** @typedef {import("./types.js").Result} Result */

// Pixels of a file, or black ones if the browser doesn't know its format (TIFF, HEIC).
async function pixels(file, result) {
  try {
    return await createImageBitmap(file);
  } catch {
    return element("canvas", { width: result.width, height: result.height });
  }
}

// Browsers turn images upright as the server does, so the scale is the only difference.
function drawn(image, result, longest, letters = 0) {
  const scale = Math.min(1, longest / Math.max(image.width, image.height));
  const canvas = element("canvas", { width: Math.max(1, Math.round(image.width * scale)), height: Math.max(1, Math.round(image.height * scale)) });
  const context = canvas.getContext("2d");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  drawFaces(context, result.faces, { scale: canvas.width / result.width, size: letters && canvas.width / letters });
  return canvas;
}

// The image of a face is kept encoded, since there may be thousands.
async function cropped(image, result, face) {
  const scale = image.width / result.width;
  const canvas = document.createElement("canvas");
  drawCrop(canvas, image, face.box.map((value) => value * scale), CROP);
  return URL.createObjectURL(await toBlob(canvas));
}

const COLUMNS = [
  { key: "", cell: (one) => faceButton(one) },
  { key: "source", className: "name", cell: (one) => element("span", { textContent: one.source, title: one.source }) },
  { key: "label", cell: (one) => element("div", {}, pill(one.label), element("div", { className: "quiet", textContent: remarkOf(one.face) })) },
  { key: "confidence", className: "numeric", falls: true, cell: (one) => percent(one.confidence) },
];

const showDetails = (one) => showFace(one.face, { ...one, evidence: evidenceOf(one.file, one.face, one.choice) });

function faceButton(one) {
  const image = element("img", { src: one.crop, alt: "", width: 48, height: 48 });
  const button = element("button", { className: "face-button", onclick: () => showDetails(one) }, image);
  button.setAttribute("aria-label", `Probabilities of the face (${one.label})`);
  return button;
}

export class Images {
  /** @param {import("./types.js").Bundle[]} bundles */
  constructor(bundles) {
    this.bundles = bundles;
    this.table = new SortedTable(by("faces-table"), COLUMNS, { noun: "faces" });
    this.queue = [];
    this.faces = [];
    this.clear();
    takeChoices("choose-files", "files", (files) => this.add(files));
    takeChoices("choose-folder", "folder", (files) => this.add(files));
    takeDrops(by("images"), (files) => this.add(files));
    document.addEventListener("paste", (event) => this.paste([...event.clipboardData.files]));
    by("filter-label").onchange = () => this.showTable();
    by("filter-confidence").oninput = () => this.showTable();
    by("images-csv").onclick = () => save("faces.csv", toCsv(this.results(), this.classes()), "text/csv");
    by("images-json").onclick = () => save("faces.json", JSON.stringify(this.results(), null, 1), "application/json");
    by("images-zip").onclick = () => this.saveDrawn().catch((error) => say(error.message));
    by("images-clear").onclick = () => this.clear();
  }

  clear() {
    this.working?.abort();
    this.tableAt = this.total = 0;
    say("");
    for (const image of by("gallery").querySelectorAll("img")) URL.revokeObjectURL(image.src);
    for (const { crop } of this.faces) URL.revokeObjectURL(crop);
    this.shown = [];
    this.faces = [];
    this.queue = [];
    this.failed = this.others = 0;
    by("gallery").replaceChildren();
    by("images-status").textContent = "";
    by("images-results").hidden = true;
    by("images-drop").classList.remove("compact");
  }

  classes() {
    return this.bundles.find((bundle) => bundle.name === by("images-bundle").value).classes;
  }

  /** @returns {Result[]} */
  results() {
    return this.shown.map((one) => one.result);
  }

  paste(files) {
    if (!files.some(isImage)) return;
    showSection("images");
    this.add(files);
  }

  async add(files) {
    const images = files.filter(isImage);
    this.others += files.length - images.length;
    this.queue.push(...images);
    this.total += images.length;
    if (!this.running) await this.run();
  }

  async run() {
    this.running = true;
    say("");
    const working = new AbortController();
    this.working = working;
    try {
      await this.work(working.signal);
    } catch (error) {
      this.queue = [];
      say(error.message);
    }
    this.running = false;
    by("images-progress").hidden = true;
    if (!working.signal.aborted) this.finish();
    else if (this.queue.length) await this.run(); // files that were added after "Clear"
  }

  finish() {
    this.total = 0;
    by("images-status").textContent = this.summary();
    this.showTable();
  }

  summary() {
    const parts = [`${count(this.shown.length, "image")}, ${count(this.faces.length, "face")}`];
    if (this.failed) parts.push(`${count(this.failed, "image")} can't be read`);
    if (this.others) parts.push(`${count(this.others, "file")} left out (not images)`);
    return parts.join("; ");
  }

  /** @param {AbortSignal} signal */
  async work(signal) {
    const choice = { bundle: by("images-bundle").value, detector: by("images-detector").value };
    const progress = by("images-progress");
    let done = 0;
    progress.removeAttribute("value");
    progress.hidden = !this.queue.length;
    for await (const [file, result] of recognizeImages(this.taken(), choice, { onState: say, signal })) {
      await this.show(file, result, choice, signal);
      if (signal.aborted) return;
      done += 1;
      progress.max = this.total;
      progress.value = done;
      by("images-status").textContent = `${done} of ${count(this.total, "image")}`;
      if (performance.now() - this.tableAt > TABLE_EVERY) this.showTable();
    }
  }

  // Files that are added meanwhile are taken, too.
  * taken() {
    while (this.queue.length) yield this.queue.shift();
  }

  async show(file, result, choice, signal) {
    const item = element("li");
    if (result.error) {
      this.failed += 1;
      by("gallery").append(item);
      item.append(element("p", { className: "failed", textContent: result.error }));
      return;
    }
    const image = await pixels(file, result);
    const canvas = drawn(image, result, THUMBNAIL, LETTERS);
    const labels = result.faces.map((face) => `${face.label} ${percent(face.confidence)}`).join(", ") || "no face";
    const picture = element("img", { src: URL.createObjectURL(await toBlob(canvas)), alt: `${result.source}: ${labels}`, width: canvas.width, height: canvas.height });
    const found = [];
    for (const face of result.faces) {
      found.push({ file, choice, face, crop: await cropped(image, result, face), source: result.source, label: face.label, confidence: face.confidence });
    }
    image.close?.();
    if (signal.aborted) return;
    picture.onclick = (event) => this.click(event, result, found);
    item.append(picture, element("p", { textContent: result.source, title: result.source }), element("p", { className: "quiet", textContent: labels }));
    this.shown.push({ file, result });
    this.faces.push(...found);
    by("gallery").append(item);
  }

  // The table has a button for each face; in the image, the face itself can be clicked.
  click(event, result, found) {
    const { width, height } = event.target.getBoundingClientRect();
    const scale = Math.min(width / result.width, height / result.height);
    const x = (event.offsetX - (width - result.width * scale) / 2) / scale;
    const y = (event.offsetY - (height - result.height * scale) / 2) / scale;
    const hit = found.find(({ face: { box } }) => x >= box[0] && x <= box[0] + box[2] && y >= box[1] && y <= box[1] + box[3]);
    if (hit) showDetails(hit);
  }

  showTable() {
    this.tableAt = performance.now();
    const isEmpty = !by("gallery").children.length;
    by("images-results").hidden = isEmpty;
    by("images-drop").classList.toggle("compact", !isEmpty);
    by("table-frame").hidden = !this.faces.length;
    const names = [...new Set(this.faces.map((one) => one.label))].sort();
    fillSelect(by("filter-label"), ["", ...names], (name) => name || "All");
    const least = Number(by("filter-confidence").value) / 100;
    by("filter-value").textContent = percent(least);
    const label = by("filter-label").value;
    this.table.show(this.faces.filter((one) => (!label || one.label === label) && one.confidence >= least), this.faces.length);
  }

  async saveDrawn() {
    const names = new Set();
    /** @type {[string, Blob][]} */
    const files = [];
    for (const { file, result } of this.shown) {
      const image = await pixels(file, result);
      const blob = await toBlob(drawn(image, result, Infinity), "image/jpeg", 0.92);
      image.close?.();
      const stem = result.source.replace(/\.[^./]*$/, "");
      let name = `${stem}.jpg`;
      for (let number = 2; names.has(name); number++) name = `${stem}-${number}.jpg`;
      names.add(name);
      files.push([name, blob]);
    }
    save("drawn.zip", await zip(files), "application/zip");
  }
}
