// The service worker, which stores the site for use without a network.

const LONGEST = 120_000; // milliseconds to wait for it

// Resolves when the files of the site come from its store, or when that is not possible.
export async function readySite() {
  if (!navigator.serviceWorker || navigator.serviceWorker.controller) return;
  try {
    const controlled = new Promise((resolve) => { navigator.serviceWorker.oncontrollerchange = resolve; });
    const registration = await navigator.serviceWorker.register(new URL("sw.js", import.meta.url), { updateViaCache: "none" });
    await Promise.race([controlled, failed(registration), new Promise((resolve) => setTimeout(resolve, LONGEST))]);
  } catch {
    // Private windows and old browsers have no service workers; the site works online then.
  }
}

function failed(registration) {
  return new Promise((resolve) => {
    const installing = registration.installing || registration.waiting;
    if (installing) installing.onstatechange = () => installing.state === "redundant" && resolve();
    else resolve();
  });
}
