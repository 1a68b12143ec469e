// The section "Images": files are sent in small groups; results are drawn, listed and saved.

import { recognizeImages } from "./api.js";
import { drawCrop, drawFaces } from "./drawing.js";
import { element, fillSelect, percent, remarkOf, save, showBars, showProblem, swatch } from "./expressions.js";
import { toCsv } from "./table.js";
import { zip } from "./zip.js";

const THUMBNAIL = 480;
const MOST_ROWS = 500;

const by = (id) => document.getElementById(id);
export class Images {
  constructor(bundles) {
    this.bundles = bundles;
    this.sort = { key: "source", down: false };
    this.clear();
    by("choose-files").onclick = () => by("files").click();
    by("choose-folder").onclick = () => by("folder").click();
    for (const id of ["files", "folder"]) {
      by(id).onchange = () => {
        this.add([...by(id).files]);
        by(id).value = "";
      };
    }
    this.takeDrops(by("drop"));
    document.addEventListener("paste", (event) => this.add([...event.clipboardData.files]));
    by("filter-label").onchange = () => this.showTable();
    by("filter-confidence").oninput = () => this.showTable();
    for (const button of document.querySelectorAll("[data-sort]")) button.onclick = () => this.sortBy(button.dataset.sort);
    by("images-csv").onclick = () => save("faces.csv", toCsv(this.results(), this.classes()), "text/csv");
    by("images-json").onclick = () => save("faces.json", JSON.stringify(this.results(), null, 1), "application/json");
    by("images-zip").onclick = () => this.saveDrawn();
    by("images-clear").onclick = () => this.clear();
  }

  clear() {
    this.shown = [];
    this.faces = [];
    this.queue = [];
    by("gallery").replaceChildren();
    by("images-status").textContent = "";
    by("images-tools").hidden = by("table-frame").hidden = true;
  }

  classes() {
    return this.bundles.find((bundle) => bundle.name === by("images-bundle").value).classes;
  }

  results() {
    return this.shown.map((one) => one.result);
  }

  takeDrops(place) {
    place.ondragover = (event) => {
      event.preventDefault();
      place.classList.add("over");
    };
    place.ondragleave = () => place.classList.remove("over");
    place.ondrop = (event) => {
      event.preventDefault();
      place.classList.remove("over");
      this.add([...event.dataTransfer.files]);
    };
    for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());
  }

  async add(files) {
    const images = files.filter((file) => file.type.startsWith("image/"));
    const others = files.length - images.length;
    showProblem(others ? `${others} of ${files.length} files are no images and were left out.` : "");
    if (!images.length) return;
    this.queue.push(...images);
    if (this.running) return;
    this.running = true;
    try {
      await this.work();
    } catch (error) {
      this.queue = [];
      showProblem(error.message);
    } finally {
      this.running = false;
      by("images-progress").hidden = true;
    }
  }

  async work() {
    const choice = { bundle: by("images-bundle").value, detector: by("images-detector").value };
    const progress = by("images-progress");
    let done = 0;
    progress.hidden = false;
    for await (const [file, result] of recognizeImages(this.taken(), choice)) {
      await this.show(file, result);
      done += 1;
      progress.max = done + this.queue.length;
      progress.value = done;
      by("images-status").textContent = `${done} of ${progress.max} images`;
      this.showTable();
    }
    by("images-status").textContent = `${this.shown.length} images, ${this.faces.length} faces`;
  }

  // Files that are added meanwhile are taken, too.
  * taken() {
    while (this.queue.length) yield this.queue.shift();
  }

  async show(file, result) {
    const item = element("li");
    by("gallery").append(item);
    if (result.error) {
      item.append(element("p", { className: "failed", textContent: result.error }));
      return;
    }
    const image = await createImageBitmap(file);
    const canvas = this.drawn(image, result, THUMBNAIL);
    const labels = result.faces.map((face) => `${face.label} ${percent(face.confidence)}`).join(", ") || "no face";
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", `${result.source}: ${labels}`);
    item.append(canvas, element("p", { textContent: result.source, title: result.source }));
    const shown = { file, result };
    this.shown.push(shown);
    result.faces.forEach((face) => {
      const crop = document.createElement("canvas");
      drawCrop(crop, image, this.scaledBox(image, result, face), 200);
      this.faces.push({ face, crop, source: result.source, label: face.label, confidence: face.confidence, reason: remarkOf(face) });
    });
    image.close();
  }

  // Browsers turn images upright as the server does, so the scale is the only difference.
  scaledBox(image, result, face) {
    const scale = image.width / result.width;
    return face.box.map((value) => value * scale);
  }

  drawn(image, result, longest) {
    const scale = Math.min(1, longest / Math.max(image.width, image.height));
    const canvas = element("canvas", { width: Math.round(image.width * scale), height: Math.round(image.height * scale) });
    const context = canvas.getContext("2d");
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    drawFaces(context, result.faces, { scale: canvas.width / result.width });
    return canvas;
  }

  sortBy(key) {
    this.sort = { key, down: this.sort.key === key ? !this.sort.down : key === "confidence" };
    this.showTable();
  }

  showTable() {
    by("images-tools").hidden = by("table-frame").hidden = !this.shown.length;
    const names = [...new Set(this.faces.map((one) => one.label))].sort();
    fillSelect(by("filter-label"), ["", ...names], (name) => name || "All");
    const least = Number(by("filter-confidence").value) / 100;
    by("filter-value").textContent = percent(least);
    const label = by("filter-label").value;
    const found = this.faces.filter((one) => (!label || one.label === label) && one.confidence >= least);
    const { key, down } = this.sort;
    const compare = (one, other) => (typeof one[key] === "number" ? one[key] - other[key] : one[key].localeCompare(other[key], "en", { numeric: true }));
    found.sort((one, other) => (down ? -compare(one, other) : compare(one, other)));
    for (const button of document.querySelectorAll("[data-sort]")) {
      const state = button.dataset.sort === key ? (down ? "descending" : "ascending") : "none";
      button.closest("th").setAttribute("aria-sort", state);
    }
    const more = found.length > MOST_ROWS ? `; the first ${MOST_ROWS} are shown, the files have all` : "";
    by("table-caption").textContent = `${found.length} of ${this.faces.length} faces${more}`;
    by("faces").replaceChildren(...found.slice(0, MOST_ROWS).map((one) => this.row(one)));
  }

  row(one) {
    const crop = element("canvas", { width: 88, height: 88 });
    crop.getContext("2d").drawImage(one.crop, 0, 0, 88, 88);
    const button = element("button", { className: "face-button", onclick: () => this.showFace(one) }, crop);
    button.setAttribute("aria-label", `Probabilities of the face (${one.label})`);
    return element("tr", {},
      element("td", {}, button),
      element("td", { textContent: one.source }),
      element("td", {}, element("span", { className: "pill" }, swatch(one.label), one.label)),
      element("td", { className: "number", textContent: percent(one.confidence) }),
      element("td", { className: "quiet", textContent: one.reason }));
  }

  showFace(one) {
    by("face-title").textContent = `${one.label}, ${percent(one.confidence)}`;
    const large = by("face-large");
    large.width = large.height = 200;
    large.getContext("2d").drawImage(one.crop, 0, 0);
    showBars(by("face-bars"), one.face);
    by("face-remark").textContent = [one.source, one.reason].filter(Boolean).join(" · ");
    by("face-dialog").showModal();
  }

  async saveDrawn() {
    const names = new Set();
    const files = [];
    for (const { file, result } of this.shown) {
      const image = await createImageBitmap(file);
      const canvas = this.drawn(image, result, Infinity);
      image.close();
      const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
      const stem = result.source.replace(/\.[^./]*$/, "");
      let name = `${stem}.jpg`;
      for (let number = 2; names.has(name); number++) name = `${stem}-${number}.jpg`;
      names.add(name);
      files.push([name, blob]);
    }
    save("drawn.zip", await zip(files), "application/zip");
  }
}
