// How numbers, times and remarks are written.

export const percent = (value, digits = 0) => `${(100 * value).toFixed(digits)} %`;

export const count = (number, noun, plural = `${noun}s`) => `${number.toLocaleString("en")} ${number === 1 ? noun : plural}`;

export const gigabytes = (bytes) => `${(bytes / 2 ** 30).toFixed(2)} GB`;

/** Seconds as 1:23, or 1:02:03; with tenths if `digits` is 1. */
export function clock(seconds, digits = 0) {
  const unit = 10 ** digits;
  const whole = Math.floor(Math.max(0, seconds) * unit + 1e-6) / unit;
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = (whole % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

const REMARKS = {
  "low confidence": "uncertain: the expression is not clear",
  "low detector score": "uncertain: this may not be a face",
  orientation: "uncertain: the face is turned",
  "truncated image": "uncertain: the image file is incomplete",
};

/** @param {import("./types.js").Face} face */
export const remarkOf = (face) => (face.uncertain ? REMARKS[face.uncertain_reason] || "uncertain" : "");
