// HTTP requests to the server, whose errors are one line for a person.

const GONE = "The server does not answer. Is `mien serve` still running?";

/** An error with a text for the page; `status` is 0 if there was no answer. */
export class ServerError extends Error {
  constructor(text, { status = 0, errors = [], retryAfter = 0 } = {}) {
    super(text);
    this.status = status;
    this.errors = errors;
    this.retryAfter = retryAfter;
  }

  /** Whether the server, or the proxy in front of it, may answer later. */
  get isOutage() {
    return this.status === 0 || [502, 503, 504].includes(this.status);
  }
}

export const gone = () => new ServerError(GONE);

/** The error of an answer that is not a success: the detail of its problem details. */
export function errorOf(status, body, retryAfter) {
  const text = body.detail || body.title || `The server answered ${status}.`;
  return new ServerError(text, { status, errors: body.errors || [], retryAfter: Number(retryAfter) || 0 });
}

/** @returns {Promise<Response>} */
export async function fetched(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch (error) {
    throw options?.signal?.aborted ? error : gone();
  }
  if (response.ok) return response;
  throw errorOf(response.status, await response.json().catch(() => ({})), response.headers.get("Retry-After"));
}

/** @returns {Promise<any>} */
export async function request(path, options) {
  const response = await fetched(path, options);
  if (response.status === 204) return null;
  return response.json().catch(() => { throw gone(); });
}

export const pause = (seconds) => new Promise((resolve) => { setTimeout(resolve, 1000 * seconds); });
