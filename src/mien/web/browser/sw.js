// Stores all files of the site when it is first opened, and answers from that store. A new version of the site has
// another VERSION: it is stored as a whole, and replaces the old one when no tab shows that any more. `mien export --web` writes VERSION, FILES and
// HEADERS above this line.

/* global VERSION, FILES, HEADERS */

const CACHE = `mien-${new URL(registration.scope).pathname}-${VERSION}`;
const PREFIX = `mien-${new URL(registration.scope).pathname}-`;

self.oninstall = (event) => {
  const requests = FILES.map((path) => new Request(new URL(path, registration.scope), { cache: "no-cache" }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(requests)));
};

self.onactivate = (event) => {
  event.waitUntil(removeOld().then(() => self.clients.claim()));
};

async function removeOld() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== CACHE).map((name) => caches.delete(name)));
}

self.onfetch = (event) => {
  const address = new URL(event.request.url);
  if (event.request.method === "GET" && address.href.startsWith(registration.scope)) event.respondWith(answer(address));
};

async function answer(address) {
  const cache = await caches.open(CACHE);
  address.search = "";
  const stored = await cache.match(address.href);
  return withHeaders(stored || (await fetch(address.href)));
}

// The headers that a static host can't be configured to send: they bind workers, too, and isolate the page, which allows
// threads.
function withHeaders(response) {
  if (!response.body) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
