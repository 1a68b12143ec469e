// The list of persons with the bars of their expressions.

import { by, element } from "./dom.js";
import { showBars } from "./expressions.js";
import { percent, remarkOf } from "./words.js";

const MOST = 3;

const area = ({ box }) => box[2] * box[3];

/** Faces by size, so that the largest one is first. */
export const bySize = (faces) => [...faces].sort((one, other) => area(other) - area(one));

/**
 * @param {string} place Id of the list.
 * @param {string} empty Id of the text without faces.
 * @param {import("./types.js").Face[]} faces The first ones are shown.
 */
export function showPeople(place, empty, faces) {
  const shown = faces.slice(0, MOST);
  const wanted = shown.map((face) => face.track).join();
  by(empty).hidden = shown.length > 0;
  if (by(place).dataset.tracks !== wanted) {
    by(place).dataset.tracks = wanted;
    by(place).replaceChildren(...shown.map(makePerson));
  }
  shown.forEach((face, at) => {
    const [head, remark, bars] = by(place).children[at].children;
    head.textContent = `Person ${face.track}: ${face.label} ${percent(face.confidence)}`;
    remark.textContent = remarkOf(face);
    showBars(bars, face);
  });
}

const makePerson = () => element("div", { className: "person" },
  element("h3"), element("p", { className: "quiet" }), element("div"));
