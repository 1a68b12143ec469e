// Types of the data that the modules of the page exchange. The JSON is that of the REST API.

/**
 * @typedef {object} Face
 * @property {[number, number, number, number]} box Left, top, width and height in pixels of the image.
 * @property {number} score Confidence of the detector.
 * @property {number} tilt In degrees.
 * @property {Record<string, [number, number]> | null} landmarks
 * @property {string} label The most probable class.
 * @property {number} confidence Probability of the label.
 * @property {boolean} uncertain
 * @property {string | null} uncertain_reason
 * @property {Record<string, number>} probabilities By class, in the order of the bundle.
 * @property {number | null} track Number of the person in a video.
 */

/**
 * @typedef {object} Result The faces of an image or a frame.
 * @property {string} source Name of the file.
 * @property {number} width
 * @property {number} height
 * @property {number | null} frame Number of the frame in a video, from 0.
 * @property {number | null} time Seconds since the start of the video.
 * @property {Face[]} faces
 */

/**
 * @typedef {object} Explanation
 * @property {string} class The class that is explained.
 * @property {string} description The most salient parts of the face; may be empty.
 * @property {string} image Address of the face under its map.
 */

/** @typedef {{source: string, error: string}} Failure An image that could not be read. */
/** @typedef {{bundle?: string, detector?: string}} Choice Names; the first ones by default. */

/**
 * @typedef {object} Bundle
 * @property {string} name
 * @property {boolean} default
 * @property {string[]} classes
 * @property {string[]} colors Of the classes.
 * @property {number | null} threshold Faces of a lower confidence are uncertain.
 * @property {any} metadata As printed by `mien bundle info --json`.
 */

/**
 * @typedef {object} Limits
 * @property {number} body_bytes Of an image, at most.
 * @property {number} video_bytes Of a video, at most.
 * @property {number} keep_hours For which the results of a video are kept.
 */

/** @typedef {{bundles: Bundle[], detectors: string[], limits?: Limits}} Models */

/**
 * @typedef {object} Job A video that is or was processed.
 * @property {string} id
 * @property {string} name Name of the file.
 * @property {Record<string, any>} options
 * @property {"queued" | "running" | "done" | "failed" | "canceled"} state
 * @property {number} created Seconds since 1970.
 * @property {number | null} ended
 * @property {number} frames Frames that were processed.
 * @property {number | null} total
 * @property {number} faces
 * @property {string | null} error
 * @property {number | null} progress 0 to 1.
 */

/** @typedef {{bundle?: string, detector?: string, every?: number, smooth?: number}} VideoOptions */
/** @typedef {{bundle?: string, detector?: string, smooth?: number}} LiveOptions */

/**
 * @typedef {object} LiveHandlers
 * @property {(result: Result, milliseconds: number) => void} onResult With the time since the frame was taken.
 * @property {(text: string) => void} onProblem A frame or an option was refused.
 * @property {(lost: string) => void} onState The connection is open (an empty text) or lost (the reason).
 */

/**
 * @typedef {object} LiveSession
 * @property {boolean} isReady Whether a further frame would be processed next.
 * @property {(options: LiveOptions) => void} configure
 * @property {(canvas: HTMLCanvasElement) => void} send Recognizes the content of a canvas.
 * @property {() => void} close
 */

/**
 * @typedef {object} Person All results of one track of a video.
 * @property {number} track
 * @property {{time: number, box: number[], face: Face}[]} samples In the order of time.
 */

export {};
