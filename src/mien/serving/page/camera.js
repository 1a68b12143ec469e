// The cameras of the browser, whose errors are one line that says what to do.

const PROBLEMS = {
  NotAllowedError: "The browser may not use the camera. Allow it in the address bar, then start again.",
  NotFoundError: "No camera was found. Connect one, then start again.",
  NotReadableError: "The camera is used by another program. Close that program, then start again.",
  AbortError: "The camera could not be started. Connect it again, then start again.",
  OverconstrainedError: "The chosen camera is gone. Choose another one, then start again.",
  SecurityError: "The browser's settings forbid the use of cameras.",
};
const INSECURE = "Browsers give the camera to pages of this computer or of https addresses only.";

/**
 * @param {string} id Of the camera; empty: the default.
 * @returns {Promise<MediaStream>}
 */
export async function openCamera(id) {
  if (!navigator.mediaDevices) throw new Error(INSECURE);
  const video = { width: { ideal: 1280 }, height: { ideal: 720 }, deviceId: id ? { exact: id } : undefined };
  try {
    return await navigator.mediaDevices.getUserMedia({ video, audio: false });
  } catch (error) {
    throw new Error(PROBLEMS[error.name] || `The camera can't be opened: ${error.message}`);
  }
}

/** Names and ids of the cameras. Browsers name them only once one was allowed. */
export async function listCameras() {
  const found = await navigator.mediaDevices.enumerateDevices();
  return found.filter((one) => one.kind === "videoinput")
    .map((one, at) => ({ id: one.deviceId, name: one.label || `Camera ${at + 1}` }));
}
