// Videos are uploaded and processed by jobs of the server.

import { errorOf, fetched, gone, pause, request, ServerError } from "./server-request.js";

const SHORTEST_WAIT = 0.5;
const LONGEST_WAIT = 8;
const ENDED = ["done", "failed", "canceled"];

/** @typedef {import("./types.js").Job} Job */

/** @param {Job} job */
export const hasEnded = (job) => ENDED.includes(job.state);

/**
 * Uploads a video. Only XMLHttpRequest reports the progress of an upload.
 * @param {File} file
 * @param {import("./types.js").VideoOptions} options
 * @param {{onProgress: (share: number) => void, signal: AbortSignal}} events
 * @returns {Promise<Job>}
 */
export function addVideo(file, options, { onProgress, signal }) {
  const query = new URLSearchParams({ name: file.name });
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && value !== "") query.set(name, String(value));
  }
  return new Promise((resolve, reject) => {
    const upload = new XMLHttpRequest();
    upload.open("POST", `v1/videos?${query}`);
    upload.responseType = "json";
    upload.setRequestHeader("Content-Type", "application/octet-stream");
    upload.upload.onprogress = (event) => onProgress(event.loaded / event.total);
    upload.onload = () => {
      const { status, response } = upload;
      if (status < 300 && response) resolve(response);
      else reject(errorOf(status, response || {}, upload.getResponseHeader("Retry-After")));
    };
    upload.onerror = () => reject(new ServerError(
      "The upload was interrupted: the server does not answer, or the file is too large or was changed.",
    ));
    upload.onabort = () => reject(new DOMException("canceled", "AbortError"));
    signal.addEventListener("abort", () => upload.abort());
    upload.send(file);
  });
}

/** @returns {Promise<Job[]>} The newest first. */
export const listVideos = async () => (await request("v1/jobs")).jobs;

/** Cancels a job that waits or runs, and removes one that has ended. */
export const removeVideo = (id) => request(`v1/jobs/${encodeURIComponent(id)}`, { method: "DELETE" });

// Passes on the events of a job; resolves when they end for whatever reason.
function streamed(id, onJob, signal) {
  return new Promise((resolve) => {
    let last = null;
    const events = new EventSource(`v1/jobs/${encodeURIComponent(id)}/events`);
    const end = () => {
      events.close();
      signal.removeEventListener("abort", end);
      resolve(last);
    };
    events.onmessage = (event) => {
      last = JSON.parse(event.data);
      onJob(last);
      if (hasEnded(last)) end();
    };
    events.onerror = end;
    signal.addEventListener("abort", end);
  });
}

/**
 * Reports a job until it ends: by server-sent events, and by polling while those don't arrive.
 * @param {string} id
 * @param {{onJob: (job: Job) => void, onState: (lost: string) => void, signal: AbortSignal}} events
 */
export async function followVideo(id, { onJob, onState, signal }) {
  let wait = SHORTEST_WAIT;
  const seen = (job) => {
    wait = SHORTEST_WAIT;
    onState("");
    onJob(job);
  };
  while (!signal.aborted) {
    const last = await streamed(id, seen, signal);
    if (signal.aborted || (last && hasEnded(last))) return;
    try {
      const job = await request(`v1/jobs/${encodeURIComponent(id)}`, { signal });
      seen(job);
      if (hasEnded(job)) return;
    } catch (error) {
      if (signal.aborted) return;
      if (!error.isOutage) throw error;
      onState("The server does not answer. Trying again…");
    }
    await pause(wait);
    wait = Math.min(2 * wait, LONGEST_WAIT);
  }
}

/**
 * Yields the results of a job that is done, one for each frame.
 * @param {string} id
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<import("./types.js").Result>}
 */
export async function* readResults(id, signal) {
  const response = await fetched(`v1/jobs/${encodeURIComponent(id)}/result`, { signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read().catch((error) => { throw signal.aborted ? error : gone(); });
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) if (line) yield JSON.parse(line);
  }
  if (rest) yield JSON.parse(rest);
}
