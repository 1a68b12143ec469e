// The frames of a video, decoded by the browser: it is moved from frame to frame.

const UNREADABLE = "this browser can't read this video; most read MP4 (H.264) and WebM";
const LONGEST_WAIT = 20_000; // milliseconds for one frame
const SAMPLED = 12; // frames from which the rate is measured
const LONGEST_SAMPLE = 3000; // milliseconds
const USUAL_RATE = 25;
const HIGHEST_RATE = 240;

/**
 * Yields each n-th frame: its pixels, its number from 0, its time in seconds, and the share of the video before it.
 * @param {File} file
 * @param {number} every
 * @param {AbortSignal} signal
 * @returns {AsyncGenerator<{bitmap: ImageBitmap, frame: number, time: number, share: number}>}
 */
export async function* readFrames(file, every, signal) {
  const video = document.createElement("video");
  video.muted = true;
  video.preload = "auto";
  video.src = URL.createObjectURL(file);
  try {
    await happens(video, "loadeddata");
    if (!video.videoWidth) throw new Error("it has no image");
    const duration = await durationOf(video);
    const rate = await rateOf(video);
    for (let frame = 0; (frame + 0.5) / rate < duration && !signal.aborted; frame += every) {
      await seek(video, Math.min((frame + 0.5) / rate, duration));
      const bitmap = await createImageBitmap(video);
      yield { bitmap, frame, time: frame / rate, share: frame / rate / duration };
    }
  } finally {
    URL.revokeObjectURL(video.src);
    video.removeAttribute("src");
    video.load();
  }
}

function happens(video, name) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("the browser does not decode it")), LONGEST_WAIT);
    const end = (done) => () => {
      clearTimeout(timer);
      done();
    };
    video.addEventListener(name, end(resolve), { once: true });
    video.addEventListener("error", end(() => reject(new Error(UNREADABLE))), { once: true });
  });
}

async function seek(video, time) {
  const done = happens(video, "seeked");
  video.currentTime = time;
  await done;
}

// Recordings of browsers state no duration; at their end it is known.
async function durationOf(video) {
  if (!Number.isFinite(video.duration)) await seek(video, 1e9);
  return Number.isFinite(video.duration) ? video.duration : video.currentTime;
}

// Frames a second, from the times of the first ones while the video plays.
async function rateOf(video) {
  if (!video.requestVideoFrameCallback) return USUAL_RATE;
  await seek(video, 0);
  const times = await sampledTimes(video);
  const steps = times.slice(1).map((time, at) => time - times[at]).filter((step) => step > 1 / HIGHEST_RATE);
  return steps.length ? 1 / steps.sort((one, other) => one - other)[steps.length >> 2] : USUAL_RATE;
}

async function sampledTimes(video) {
  const times = [];
  await new Promise((resolve) => {
    const timer = setTimeout(resolve, LONGEST_SAMPLE);
    const end = () => {
      clearTimeout(timer);
      resolve();
    };
    const add = (_, { mediaTime }) => {
      times.push(mediaTime);
      if (times.length < SAMPLED) video.requestVideoFrameCallback(add);
      else end();
    };
    video.requestVideoFrameCallback(add);
    video.addEventListener("ended", end, { once: true });
    video.play().catch(end);
  });
  video.pause();
  return times;
}
