// The tabs of the sections. The address names the chosen one, so that it survives a reload.

const tabs = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[role=tab]")]);
const panelOf = (tab) => tab.getAttribute("aria-controls");

function select(tab, focus = false) {
  for (const one of tabs) {
    const isChosen = one === tab;
    one.setAttribute("aria-selected", String(isChosen));
    one.tabIndex = isChosen ? 0 : -1;
    document.getElementById(panelOf(one)).hidden = !isChosen;
  }
  if (focus) tab.focus();
  const [panel] = location.hash.slice(1).split("/");
  if (panel !== panelOf(tab)) history.replaceState(null, "", `#${panelOf(tab)}`);
  document.dispatchEvent(new CustomEvent("section", { detail: panelOf(tab) }));
}

/** Shows a section by its id. */
export function showSection(id) {
  const tab = tabs.find((one) => panelOf(one) === id && !one.hidden);
  if (tab) select(tab);
}

function onKey(event, tab) {
  const shown = tabs.filter((one) => !one.hidden);
  const at = shown.indexOf(tab);
  const step = { ArrowRight: 1, ArrowLeft: -1, Home: -at, End: shown.length - 1 - at }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  select(shown[(at + step + shown.length) % shown.length], true);
}

const fromAddress = () => showSection(location.hash.slice(1).split("/")[0]);

/** @param {string[]} missing Ids of sections that this page doesn't have. */
export function setUpTabs(missing = []) {
  for (const tab of tabs) {
    tab.hidden = missing.includes(panelOf(tab));
    tab.onclick = () => select(tab);
    tab.onkeydown = (event) => onKey(event, tab);
  }
  addEventListener("hashchange", fromAddress);
  fromAddress();
}
