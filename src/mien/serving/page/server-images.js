// Images are sent in small groups, so that results come early and no request is too large.

import { pause, request } from "./server-request.js";

const GROUP_FILES = 8;
const GROUP_BYTES = 24e6;

function* groups(files) {
  let group = [];
  let bytes = 0;
  for (const file of files) {
    if (group.length && (group.length === GROUP_FILES || bytes + file.size > GROUP_BYTES)) {
      yield group;
      group = [];
      bytes = 0;
    }
    group.push(file);
    bytes += file.size;
  }
  if (group.length) yield group;
}

const nameOf = (file) => file.webkitRelativePath || file.name;

function post(files, { bundle, detector }) {
  const form = new FormData();
  for (const file of files) form.append("files", file, nameOf(file));
  const query = new URLSearchParams();
  if (bundle) query.set("bundle", bundle);
  if (detector) query.set("detector", detector);
  return request(`v1/faces?${query}`, { method: "POST", body: form });
}

const LONGEST_WAIT = 8;

// A full queue or the restart of a server is a reason to wait; unreadable or too large images are none to stop.
async function recognized(files, choice, { onState, signal }) {
  for (let wait = 0.5; !signal.aborted; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    try {
      const { results } = await post(files, choice);
      onState("");
      return results;
    } catch (error) {
      if (error.isOutage) {
        onState("The server does not answer. Trying again…");
        await pause(wait);
      } else if (error.status === 429) await pause(error.retryAfter || 1);
      else if (error.status === 422 && error.errors.length === files.length) {
        return error.errors.map((one) => ({ source: one.source, error: one.detail }));
      } else if (error.status === 413 && files.length === 1) {
        return [{ source: nameOf(files[0]), error: `${nameOf(files[0])}: ${error.message}` }];
      } else throw error;
    }
  }
  return [];
}

/**
 * Recognizes images and yields each with its result, in order.
 * @param {Iterable<File>} files
 * @param {import("./types.js").Choice} choice
 * @param {{onState: (lost: string) => void, signal: AbortSignal}} events `onState` gets why there is a delay, then "".
 * @returns {AsyncGenerator<[File, import("./types.js").Result | import("./types.js").Failure]>}
 */
export async function* recognizeImages(files, choice, events) {
  for (const group of groups(files)) {
    const results = await recognized(group, choice, events);
    if (events.signal.aborted) return;
    for (const [at, file] of group.entries()) yield [file, results[at]];
  }
}
