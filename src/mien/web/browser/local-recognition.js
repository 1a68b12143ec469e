// The worker that recognizes: questions { kind, ... } and their answers.

import { readySite } from "./offline.js";

const NOT_LOADED = "The recognition can't be loaded. Reload the page; if that does not help, use a newer browser.";

const waiting = new Map();
let count = 0;
let starting = null;

// The worker starts after the site was stored for offline use, so that its files are loaded once.
async function start() {
  await readySite();
  const worker = new Worker(new URL("recognition/worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data: { id, answer, error } }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(answer);
    else reject(new Error(`The recognition failed: ${error}`));
  };
  worker.onerror = () => failAll();
  return worker;
}

function failAll() {
  starting = null;
  for (const { reject } of waiting.values()) reject(new Error(NOT_LOADED));
  waiting.clear();
}

/**
 * Asks the worker.
 * @param {string} kind One of the handlers of recognition/worker.js.
 * @param {object} content What the handler takes.
 * @param {Transferable[]} transferred Parts of the content that the worker takes over.
 * @returns {Promise<any>}
 */
export async function ask(kind, content = {}, transferred = []) {
  starting ??= start();
  const worker = await starting;
  return new Promise((resolve, reject) => {
    const id = count++;
    waiting.set(id, { resolve, reject });
    worker.postMessage({ id, kind, ...content }, transferred);
  });
}

let sessions = 0;

/** A number for a new session of frames. */
export const newSession = () => sessions++;
