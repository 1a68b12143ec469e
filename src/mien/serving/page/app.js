// Starts the page: the tabs, and the sections once the server has named its models.

import { getModels } from "./api.js";
import { fillSelect, learnColors, showProblem } from "./expressions.js";
import { Images } from "./images.js";
import { Live } from "./live.js";
import { showModels } from "./models.js";

const tabs = [...document.querySelectorAll("[role=tab]")];

function select(tab, focus = false) {
  for (const one of tabs) {
    const chosen = one === tab;
    one.setAttribute("aria-selected", String(chosen));
    one.tabIndex = chosen ? 0 : -1;
    document.getElementById(one.getAttribute("aria-controls")).hidden = !chosen;
  }
  if (focus) tab.focus();
  history.replaceState(null, "", `#${tab.getAttribute("aria-controls")}`);
}

function setUpTabs() {
  tabs.forEach((tab, at) => {
    tab.onclick = () => select(tab);
    tab.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, Home: -at, End: tabs.length - 1 - at }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      select(tabs[(at + step + tabs.length) % tabs.length], true);
    };
  });
  const wanted = tabs.find((tab) => `#${tab.getAttribute("aria-controls")}` === location.hash);
  if (wanted) select(wanted);
}

const DETECTORS = { auto: "Best available", whole: "None: each image is one face" };

async function start() {
  setUpTabs();
  const { bundles, detectors } = await getModels();
  learnColors(bundles);
  const names = bundles.map((bundle) => bundle.name);
  for (const id of ["live-bundle", "images-bundle"]) fillSelect(document.getElementById(id), names);
  for (const id of ["live-detector", "images-detector"]) {
    fillSelect(document.getElementById(id), detectors, (name) => DETECTORS[name] || name);
  }
  showModels(bundles);
  new Live(bundles);
  new Images(bundles);
  document.body.dataset.ready = "true";
}

start().catch((error) => showProblem(error.message));
