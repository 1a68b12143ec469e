// Files that are dropped, chosen or pasted.

import { by } from "./dom.js";

function readEntries(reader) {
  return new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
}

async function* filesOf(entry) {
  if (entry.isFile) yield await new Promise((resolve, reject) => { entry.file(resolve, reject); });
  if (!entry.isDirectory) return;
  const reader = entry.createReader();
  for (let entries = await readEntries(reader); entries.length; entries = await readEntries(reader)) {
    for (const one of entries) yield* filesOf(one);
  }
}

// The entries must be taken before the first await, since the browser then empties the list.
async function droppedFiles(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const files = [...transfer.files];
  if (!entries.some((entry) => entry.isDirectory)) return files;
  const found = [];
  for (const entry of entries) for await (const file of filesOf(entry)) found.push(file);
  return found;
}

/**
 * Calls `add` with the files that are dropped on an element.
 * @param {HTMLElement} place
 * @param {(files: File[]) => void} add
 */
export function takeDrops(place, add) {
  const mark = (over) => place.classList.toggle("over", over);
  place.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  place.addEventListener("dragleave", () => mark(false));
  place.addEventListener("drop", async (event) => {
    event.preventDefault();
    mark(false);
    add(await droppedFiles(event.dataTransfer));
  });
}

/** Lets a button open the file dialog of a hidden input. */
export function takeChoices(button, input, add) {
  by(button).onclick = () => by(input).click();
  by(input).onchange = () => {
    add([...by(input).files]);
    by(input).value = "";
  };
}

const IMAGE = /\.(jpe?g|jfif|png|webp|gif|bmp|tiff?|avif|hei[cf]|jp2|p[bgnp]m)$/i;
const VIDEO = /\.(mp4|m4v|mov|mkv|webm|avi|ts|mts|m2ts|mpe?g|wmv|flv|ogv|3gp)$/i;

// Browsers know the types of common files only.
export const isImage = (file) => file.type.startsWith("image/") || (!file.type && IMAGE.test(file.name));
export const isVideo = (file) => file.type.startsWith("video/") || VIDEO.test(file.name);
