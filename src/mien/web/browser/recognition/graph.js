// Networks on ONNX Runtime Web, on its WebAssembly backend.

import * as ort from "../ort/ort.wasm.min.mjs";

// Beyond four threads networks as small as these are not faster.
const MOST_THREADS = 4;

ort.env.wasm.numThreads = globalThis.crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency || 1) : 1;
ort.env.wasm.wasmPaths = new URL("../ort/", import.meta.url).href;

export const threads = ort.env.wasm.numThreads;

export async function openGraph(content) {
  const session = await ort.InferenceSession.create(content, { executionProviders: ["wasm"], logSeverityLevel: 3 });
  return new Graph(session);
}

class Graph {
  constructor(session) {
    this.session = session;
    this.input = session.inputNames[0];
  }

  // Feeds of { type, data, dims } by input; returns { data, dims } by output.
  async run(feeds, names = this.session.outputNames) {
    const tensors = Object.fromEntries(
      Object.entries(feeds).map(([name, { type, data, dims }]) => [name, new ort.Tensor(type, data, dims)]));
    const found = await this.session.run(tensors, names);
    const outputs = Object.fromEntries(names.map((name) => [name, { data: found[name].data, dims: found[name].dims }]));
    for (const tensor of Object.values(found)) tensor.dispose();
    return outputs;
  }
}
