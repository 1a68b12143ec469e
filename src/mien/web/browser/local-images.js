// Images are recognized one after the other.

import { ask } from "./local-recognition.js";

/**
 * Recognizes images and yields each with its result, in order.
 * @param {Iterable<File>} files
 * @param {import("./types.js").Choice} choice
 * @returns {AsyncGenerator<[File, import("./types.js").Result | import("./types.js").Failure]>}
 */
export async function* recognizeImages(files, choice) {
  for (const file of files) {
    yield [file, await ask("image", { file, source: file.webkitRelativePath || file.name, choice })];
  }
}
