// Stacked areas of probabilities over time on a canvas.

import { colorOf } from "./expressions.js";

/** @typedef {{x: number, weights: number[], count: number}} Column Probabilities at a column of pixels. */

// Several samples of a column become their mean, so that long videos are drawn quickly.
function runsOf(samples, x, gap) {
  const runs = [];
  let last = -Infinity;
  for (const { time, probabilities } of samples) {
    const at = Math.round(x(time));
    if (time - last > gap) runs.push([]);
    last = time;
    const run = runs.at(-1);
    const column = run.at(-1);
    if (column?.x === at) {
      probabilities.forEach((value, index) => { column.weights[index] += value; });
      column.count += 1;
    } else run.push({ x: at, weights: [...probabilities], count: 1 });
  }
  return runs;
}

function drawRun(context, run, colors, height, least) {
  const end = Math.max(run.at(-1).x, run[0].x + least);
  const points = run.length > 1 ? run : [run[0], { ...run[0], x: end }];
  let base = points.map(() => 0);
  colors.forEach((color, index) => {
    const next = points.map((point, at) => base[at] + point.weights[index] / point.count);
    context.beginPath();
    points.forEach((point, at) => context.lineTo(point.x, height * (1 - base[at])));
    for (let at = points.length - 1; at >= 0; at--) context.lineTo(points[at].x, height * (1 - next[at]));
    context.closePath();
    context.fillStyle = color;
    context.fill();
    base = next;
  });
}

/**
 * Draws samples in the order of time; nothing where there is none for `gap` seconds.
 * @param {CanvasRenderingContext2D} context
 * @param {{time: number, probabilities: number[]}[]} samples
 * @param {string[]} classes
 * @param {{x: (time: number) => number, height: number, gap: number}} scale
 */
export function drawStacked(context, samples, classes, { x, height, gap }) {
  const colors = classes.map(colorOf);
  for (const run of runsOf(samples, x, gap)) drawRun(context, run, colors, height, 2);
}
