// The worker that recognizes, so that the page stays responsive. Requests { id, kind, ... } are answered one after
// the other by { id, answer } or { id, error }.

import { setConstants } from "./constants.js";
import { decode, pixelsOf, UnreadableImage } from "./decoding.js";
import { openGraph, threads } from "./graph.js";
import { FrameRecognizer, Recognizer } from "./recognizer.js";

const SITE = new URL("../", import.meta.url);

async function read(path) {
  const response = await fetch(new URL(path, SITE));
  if (!response.ok) throw new Error(`${path} can't be loaded (${response.status})`);
  return response;
}

async function makeRecognizer() {
  const manifest = await (await read("manifest.json")).json();
  setConstants(manifest.constants);
  return new Recognizer(manifest, async (path) => openGraph(new Uint8Array(await (await read(path)).arrayBuffer())));
}

const ready = makeRecognizer();
const sessions = new Map();

const HANDLERS = {
  // The result of an image, or { source, error } if it can't be read.
  async image({ file, source, choice }) {
    const recognizer = await ready;
    try {
      return await recognizer.recognize(await decode(file), source, choice);
    } catch (error) {
      if (error instanceof UnreadableImage) return { source, error: `${source}: ${error.message}` };
      throw error;
    }
  },

  // Starts a session of frames, or starts it again with other options.
  async configure({ session, options, source }) {
    const made = new FrameRecognizer(await ready, options, source);
    await made.prepare();
    sessions.set(session, made);
  },

  async frame({ session, bitmap, frame, time }) {
    const image = pixelsOf(bitmap);
    bitmap.close();
    return sessions.get(session).recognize(image, frame, time);
  },

  async end({ session }) {
    sessions.delete(session);
  },

  async about() {
    await ready;
    return { threads };
  },
};

let last = Promise.resolve();

onmessage = ({ data }) => {
  last = last.then(async () => {
    try {
      postMessage({ id: data.id, answer: await HANDLERS[data.kind](data) });
    } catch (error) {
      postMessage({ id: data.id, error: error.message || String(error) });
    }
  });
};
