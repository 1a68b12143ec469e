// Starts the page: the tabs, and the sections once the server has named its models.

import { canProcessVideos, getModels, PRIVACY } from "./api.js";
import { by, fillSelect, showProblem } from "./dom.js";
import { learnColors } from "./expressions.js";
import { Images } from "./images.js";
import { Live } from "./live.js";
import { showModels } from "./models.js";
import { setUpTabs } from "./tabs.js";
import { Videos } from "./videos.js";

const DETECTORS = { auto: "Best available", yunet: "YuNet", mtcnn: "MTCNN", whole: "None: each image is one face" };
const LONGEST_WAIT = 8000;

// A server that starts, or starts again, is asked until it answers.
async function models() {
  for (let wait = 500; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    try {
      const found = await getModels();
      showProblem("");
      return found;
    } catch (error) {
      showProblem(error.message);
      if (!error.isOutage) throw error;
      await new Promise((resolve) => { setTimeout(resolve, wait); });
    }
  }
}

function fillChoices({ bundles, detectors }) {
  for (const section of ["live", "images", "video"]) {
    fillSelect(by(`${section}-bundle`), bundles.map((bundle) => bundle.name));
    fillSelect(by(`${section}-detector`), detectors, (name) => DETECTORS[name] || name);
  }
}

async function start() {
  by("privacy").textContent = PRIVACY;
  by("problem-close").onclick = () => { by("problem").hidden = true; };
  setUpTabs(canProcessVideos ? [] : ["video"]);
  for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
  const found = await models();
  learnColors(found.bundles);
  fillChoices(found);
  showModels(found.bundles);
  new Live(found.bundles);
  new Images(found.bundles);
  if (canProcessVideos) new Videos(found);
  document.body.dataset.ready = "true";
}

start().catch((error) => showProblem(error.message));
