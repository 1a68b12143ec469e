// Checks of the page that its tests run in the browser. Each returns what is wrong, as texts.

const parse = (color) => {
  const [red, green, blue, alpha = 1] = color.match(/[\d.]+/g).map(Number);
  return [red, green, blue, alpha];
};

const over = (top, below) => [0, 1, 2].map((at) => top[3] * top[at] + (1 - top[3]) * below[at]).concat(1);

const BRIGHTEST_OF_GRADIENTS = [29, 39, 53, 1];

function ground(one) {
  if (!one) return [255, 255, 255, 1];
  const { backgroundColor, backgroundImage } = getComputedStyle(one);
  const own = backgroundImage === "none" ? parse(backgroundColor) : BRIGHTEST_OF_GRADIENTS;
  return own[3] === 1 ? own : over(own, ground(one.parentElement));
}

// Relative luminance of WCAG 2.
function luminance(color) {
  const [red, green, blue] = color.map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one) {
  const below = ground(one);
  const values = [luminance(over(parse(getComputedStyle(one).color), below)), luminance(below)];
  return (Math.max(...values) + 0.05) / (Math.min(...values) + 0.05);
}

const hasText = (one) => [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
const start = (one) => one.outerHTML.slice(0, 100);

// Visible texts whose contrast is below that of WCAG 2.2 AA for small letters.
function faint() {
  return [...document.querySelectorAll("body *")]
    .filter((one) => hasText(one) && one.checkVisibility() && !one.closest(".hidden, .skip, noscript, option"))
    .filter((one) => contrast(one) < 4.5)
    .map((one) => `${contrast(one).toFixed(2)} ${start(one)}`);
}

// Elements that are cut off at the right.
function overflowing() {
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.checkVisibility() && !one.closest(".table-frame, .hidden"))
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
    .map(start);
}

// Controls without a name for screen readers.
function unnamed() {
  return [...document.querySelectorAll("button, select, input, progress, canvas[role=img]")]
    .filter((one) => !one.hidden && !one.textContent.trim() && !one.ariaLabel)
    .filter((one) => !one.getAttribute("aria-labelledby") && !one.labels?.length)
    .map(start);
}

// Controls that are smaller than a finger needs (WCAG 2.2, 2.5.8).
function small() {
  return [...document.querySelectorAll("button, select, input, summary, [role=tab]")]
    .filter((one) => one.checkVisibility() && !one.closest("label"))
    .filter((one) => Math.min(one.offsetWidth, one.offsetHeight) < 24)
    .map(start);
}
