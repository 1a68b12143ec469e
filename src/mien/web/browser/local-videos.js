// Videos are not processed by a site without a server.

const REFUSAL = "Videos can't be processed without a server.";

export const hasEnded = () => true;
export const listVideos = async () => [];
export const addVideo = () => Promise.reject(new Error(REFUSAL));
export const removeVideo = addVideo;
export const followVideo = addVideo;
export async function* readResults() {
  throw new Error(REFUSAL);
}
