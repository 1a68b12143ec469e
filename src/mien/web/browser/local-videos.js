// Videos are decoded by the browser and recognized by the worker, one after the other. Jobs and results are kept in
// memory until the page is closed.

import { readFrames } from "./local-frames.js";
import { ask, newSession } from "./local-recognition.js";

/** @typedef {import("./types.js").Job} Job */

/** @type {Map<string, {job: Job, file: File, results: object[], cancel: AbortController, listeners: Set<() => void>}>} */
const entries = new Map();
let last = Promise.resolve();

/** @param {Job} job */
export const hasEnded = (job) => ["done", "failed", "canceled"].includes(job.state);

/**
 * Adds a video to those that are processed.
 * @param {File} file
 * @param {import("./types.js").VideoOptions} options
 * @param {{onProgress: (share: number) => void, signal: AbortSignal}} events
 * @returns {Promise<Job>}
 */
export async function addVideo(file, options, { onProgress }) {
  const id = crypto.randomUUID();
  const job = {
    id, name: file.name, options, state: "queued", created: Date.now() / 1000, ended: null,
    frames: 0, total: null, faces: 0, error: null, progress: null,
  };
  const entry = { job, file, results: [], cancel: new AbortController(), listeners: new Set() };
  entries.set(id, entry);
  onProgress(1);
  last = last.then(() => process(entry));
  return job;
}

async function process(entry) {
  if (entry.cancel.signal.aborted) return;
  change(entry, { state: "running", progress: 0 });
  try {
    await recognizeFrames(entry);
    change(entry, { state: entry.cancel.signal.aborted ? "canceled" : "done", progress: 1 });
  } catch (error) {
    change(entry, { state: "failed", error: `${entry.job.name}: ${error.message}` });
  }
}

async function recognizeFrames(entry) {
  const { file, job: { options }, results, cancel: { signal } } = entry;
  const session = newSession();
  const { every = 1, ...others } = options;
  try {
    await ask("configure", { session, options: others, source: file.name });
    for await (const { bitmap, frame, time, share } of readFrames(file, every, signal)) {
      const result = await ask("frame", { session, bitmap, frame, time }, [bitmap]);
      results.push(result);
      change(entry, { frames: results.length, faces: entry.job.faces + result.faces.length, progress: share });
    }
  } finally {
    await ask("end", { session });
  }
}

function change(entry, changes) {
  entry.job = { ...entry.job, ...changes };
  if (hasEnded(entry.job)) entry.job.ended = Date.now() / 1000;
  for (const listener of entry.listeners) listener();
}

/** @returns {Promise<Job[]>} The newest first. */
export const listVideos = async () => [...entries.values()].map((entry) => entry.job).reverse();

/** Cancels a job that waits or runs, and removes one that has ended. */
export async function removeVideo(id) {
  const entry = found(id);
  if (hasEnded(entry.job)) entries.delete(id);
  else {
    entry.cancel.abort();
    if (entry.job.state === "queued") change(entry, { state: "canceled" });
  }
}

/**
 * Reports a job until it ends.
 * @param {string} id
 * @param {{onJob: (job: Job) => void, onState: (lost: string) => void, signal: AbortSignal}} events
 */
export async function followVideo(id, { onJob, signal }) {
  const entry = found(id);
  await new Promise((resolve) => {
    const listener = () => {
      onJob(entry.job);
      if (hasEnded(entry.job) || signal.aborted) end();
    };
    const end = () => {
      entry.listeners.delete(listener);
      resolve();
    };
    entry.listeners.add(listener);
    signal.addEventListener("abort", end);
    listener();
  });
}

/**
 * Yields the results of a job that is done, one for each frame.
 * @param {string} id
 * @returns {AsyncGenerator<import("./types.js").Result>}
 */
export async function* readResults(id) {
  yield* found(id).results;
}

function found(id) {
  const entry = entries.get(id);
  if (!entry) throw Object.assign(new Error("There is no such video, or it was removed."), { status: 404 });
  return entry;
}
