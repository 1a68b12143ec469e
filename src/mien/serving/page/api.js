// The server: requests whose errors are one line for a person, and the live connection.

export class ServerError extends Error {}

async function request(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new ServerError("The server does not answer. Is `mien serve` still running?");
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    const error = new ServerError(body.detail || body.title || `The server answered ${response.status}.`);
    error.status = response.status;
    error.errors = body.errors || [];
    error.retryAfter = Number(response.headers.get("Retry-After")) || 0;
    throw error;
  }
  return body;
}

export const getBundles = () => request("v1/bundles");

export function recognize(files, { bundle, detector }) {
  const form = new FormData();
  for (const file of files) form.append("files", file, file.webkitRelativePath || file.name);
  const query = new URLSearchParams();
  if (bundle) query.set("bundle", bundle);
  if (detector) query.set("detector", detector);
  return request(`v1/faces?${query}`, { method: "POST", body: form });
}

const LONGEST_WAIT = 8000;

// A WebSocket that connects again by itself. Handlers: onResult, onProblem (a text), onState ("open", "lost").
export class LiveConnection {
  constructor(handlers) {
    this.handlers = handlers;
    this.options = {};
    this.wait = 500;
    this.closed = false;
    this.connect();
  }

  connect() {
    const address = new URL("v1/live", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(address);
    this.inFlight = 0;
    this.socket.onopen = () => {
      this.wait = 500;
      this.socket.send(JSON.stringify(this.options));
      this.handlers.onState("open");
    };
    this.socket.onmessage = (event) => this.received(JSON.parse(event.data));
    this.socket.onclose = (event) => {
      if (this.closed) return;
      this.handlers.onState("lost", event.reason);
      this.timer = setTimeout(() => this.connect(), this.wait);
      this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
    };
  }

  received(message) {
    if (message.faces) {
      this.inFlight = 0;
      this.handlers.onResult(message);
    } else {
      if (message.frame !== null) this.inFlight = 0;
      this.handlers.onProblem(message.detail);
    }
  }

  configure(options) {
    this.options = options;
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(options));
  }

  // One frame is processed while the next one waits; further ones would only be replaced.
  get isReady() {
    return this.socket.readyState === WebSocket.OPEN && this.inFlight < 2;
  }

  send(blob) {
    if (!this.isReady) return;
    this.inFlight += 1;
    this.socket.send(blob);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.close();
  }
}
