// Live recognition over a WebSocket that connects again by itself.

const SHORTEST_WAIT = 500;
const LONGEST_WAIT = 8000;
const MOST_IN_FLIGHT = 2;
const LOST = "The connection to the server is lost. Trying again…";

/** A `LiveSession` (types.js) of the server. */
class ServerSession {
  /** @param {import("./types.js").LiveHandlers} handlers */
  constructor(handlers) {
    this.handlers = handlers;
    this.options = {};
    this.wait = SHORTEST_WAIT;
    this.closed = false;
    this.connect();
  }

  connect() {
    const address = new URL("v1/live", location.href);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(address);
    this.taken = []; // times at which the frames without an answer were taken
    this.sent = 0;
    this.isEncoding = false;
    this.socket.onopen = () => {
      this.wait = SHORTEST_WAIT;
      this.socket.send(JSON.stringify(this.options));
      this.handlers.onState("");
    };
    this.socket.onmessage = (event) => this.received(JSON.parse(event.data));
    this.socket.onclose = (event) => this.lost(event.reason);
  }

  lost(reason) {
    if (this.closed) return;
    this.handlers.onState(reason ? `${reason}. Trying again…` : LOST);
    this.timer = setTimeout(() => this.connect(), this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT);
  }

  // An answer to a frame means that the frames before it were answered or replaced.
  received(message) {
    const number = message.frame;
    const first = this.sent - this.taken.length;
    const milliseconds = performance.now() - (this.taken[number - first] ?? performance.now());
    if (number !== null && number !== undefined) this.taken.splice(0, number - first + 1);
    if (message.faces) this.handlers.onResult(withoutDuration(message), milliseconds);
    else this.handlers.onProblem(message.detail);
  }

  configure(options) {
    this.options = options;
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(options));
  }

  // One frame is processed while the next one waits; further ones would only be replaced.
  get isReady() {
    const isOpen = this.socket.readyState === WebSocket.OPEN;
    return isOpen && !this.isEncoding && this.taken.length < MOST_IN_FLIGHT;
  }

  send(canvas) {
    if (!this.isReady) return;
    const { socket } = this;
    const now = performance.now();
    this.isEncoding = true;
    canvas.toBlob((blob) => {
      if (this.socket !== socket) return;
      this.isEncoding = false;
      if (!blob || socket.readyState !== WebSocket.OPEN) return;
      this.taken.push(now);
      this.sent += 1;
      socket.send(blob);
    }, "image/jpeg", 0.85);
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.close();
  }
}

/** @returns {any} */
function withoutDuration({ milliseconds: _, ...result }) {
  return result;
}

/**
 * @param {import("./types.js").LiveHandlers} handlers
 * @returns {import("./types.js").LiveSession}
 */
export const openLive = (handlers) => new ServerSession(handlers);
