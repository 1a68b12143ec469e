// The constants of the Python package, from manifest.json: `mien.web.manifest` writes them, nothing is stated twice.

export const constants = {};

export function setConstants(values) {
  Object.assign(constants, values);
}
