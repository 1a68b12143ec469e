(() => {
  const data = JSON.parse(document.getElementById("faces-data").textContent), PAGE = innerWidth > 640 ? 60 : 30;
  const box = document.querySelector(".explorer"), form = box.querySelector("form"), list = box.querySelector(".faces");
  const pages = box.querySelector(".pages"), count = box.querySelector(".count"), dialog = document.querySelector(".detail");
  const field = name => form.elements[name], percent = permille => `${Math.round(permille / 10)}\u00a0%`;
  const faces = data.faces.map(([id, label, classes, permille, ...groups], at) => ({
    id, label, classes, permille, groups, at, predicted: classes[0], confidence: permille[0],
    ofLabel: permille[classes.indexOf(label)] ?? 0,
  }));
  const orders = {
    "": (a, b) => b.confidence - a.confidence, uncertain: (a, b) => a.confidence - b.confidence,
    label: (a, b) => a.ofLabel - b.ofLabel, source: (a, b) => a.at - b.at,
  };
  let chosen = [], page = 0, open = null;

  const element = (tag, className, text) => {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  };
  const place = (span, face) => {
    span.style.setProperty("--x", face.at % data.columns);
    span.style.setProperty("--y", Math.floor(face.at / data.columns));
  };
  const words = face => `${data.classes[face.label]} → ${data.classes[face.predicted]}`;

  function matches(face) {
    const equal = (name, value) => field(name).value === "" || Number(field(name).value) === value;
    const low = Number(field("low").value || 0), high = Number(field("high").value || 100), result = field("result").value;
    return equal("label", face.label) && equal("predicted", face.predicted)
      && (result === "" || (result === "correct") === (face.label === face.predicted))
      && data.groups.every((_, number) => equal(`group${number}`, face.groups[number]))
      && face.confidence / 10 >= low && face.confidence / 10 <= high
      && face.id.toLowerCase().includes(field("id").value.trim().toLowerCase());
  }

  function card(face, number) {
    const item = element("li"), button = element("button"), span = element("span", "face");
    const right = face.label === face.predicted;
    button.type = "button";
    button.setAttribute("aria-label", `${face.id}: true class ${data.classes[face.label]}, predicted ${data.classes[face.predicted]}, ${percent(face.confidence)}`);
    place(span, face);
    const line = right ? `✓ ${data.classes[face.label]}` : words(face);
    button.append(span, element("span", `words ${right ? "right-one" : "wrong-one"}`, `${line} ${percent(face.confidence)}`));
    button.addEventListener("click", () => detail(number));
    item.append(button);
    return item;
  }

  function show() {
    const last = Math.max(0, Math.ceil(chosen.length / PAGE) - 1);
    page = Math.min(Math.max(page, 0), last);
    list.replaceChildren(...chosen.slice(page * PAGE, (page + 1) * PAGE).map((face, at) => card(face, page * PAGE + at)));
    pages.querySelector("span").textContent = `page ${page + 1} of ${last + 1}`;
    pages.querySelector("[name=previous]").disabled = page === 0;
    pages.querySelector("[name=next]").disabled = page === last;
    pages.hidden = last === 0;
  }

  function apply(remember = true) {
    chosen = faces.filter(matches).sort(orders[field("order").value]);
    page = 0;
    let text = `${chosen.length.toLocaleString("en")} of ${faces.length.toLocaleString("en")} faces`;
    if (chosen.length && faces.length === data.total) {
      const right = chosen.filter(face => face.label === face.predicted).length;
      const mean = chosen.reduce((sum, face) => sum + face.confidence, 0) / chosen.length;
      text += `: ${(100 * right / chosen.length).toFixed(1)} % correct, mean confidence ${(mean / 10).toFixed(1)} %`;
    }
    count.textContent = chosen.length ? text : `${text}: no face matches; reset the filters`;
    show();
    if (remember) {
      const state = new URLSearchParams([...new FormData(form)].filter(([name, value]) => value !== "" && value !== field(name).defaultValue));
      try { history.replaceState(null, "", `#faces${[...state].length ? `?${state}` : ""}`); } catch {}  // in a frame
    }
  }

  function detail(number) {
    open = number;
    const face = chosen[number], span = dialog.querySelector(".face"), bars = dialog.querySelector(".bars");
    dialog.querySelector("h3").textContent = `${words(face)}, ${percent(face.confidence)}`;
    place(span, face);
    span.setAttribute("aria-label", face.id);
    bars.replaceChildren(...face.classes.flatMap((label, at) => {
      const track = element("span", "track"), bar = element("i");
      bar.style.width = `${face.permille[at] / 10}%`;
      bar.style.background = data.colors[label];
      track.append(bar);
      return [element(label === face.label ? "b" : "span", "", data.classes[label]), track, element("span", "", percent(face.permille[at]))];
    }));
    const groups = data.groups.map((group, at) => `${group.name}: ${group.values[face.groups[at]] || "unknown"}`);
    dialog.querySelector(".facts").textContent = [`id ${face.id}`, `true class ${data.classes[face.label]} (bold)`, ...groups, `${number + 1} of ${chosen.length}`].join(" · ");
    dialog.querySelector("[name=before]").disabled = number === 0;
    dialog.querySelector("[name=after]").disabled = number === chosen.length - 1;
    if (!dialog.open) dialog.showModal();
  }

  // Closing returns the focus to the face that opened the dialog, and the close event is a later task: the face
  // that was shown last gets the focus at once.
  function leave() {
    if (dialog.open) dialog.close();
    if (open === null) return;
    const at = open;
    open = null;
    if (Math.floor(at / PAGE) !== page) { page = Math.floor(at / PAGE); show(); }
    list.querySelectorAll("button")[at - page * PAGE]?.focus();
  }
  const step = by => { if (chosen[open + by]) detail(open + by); };

  function save() {
    const quote = text => `"${String(text).replaceAll('"', '""')}"`;
    const lines = chosen.map(face => [quote(face.id), quote(data.classes[face.label]), quote(data.classes[face.predicted]), face.confidence / 1000].join(","));
    const link = element("a");
    link.href = URL.createObjectURL(new Blob([["id,label,predicted,confidence", ...lines].join("\r\n") + "\r\n"], {type: "text/csv"}));
    link.download = "faces.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  }

  function fromAddress() {
    const [anchor, query] = location.hash.split("?");
    if (anchor !== "#faces" || query === undefined) return false;
    form.reset();
    for (const [name, value] of new URLSearchParams(query)) if (field(name)) field(name).value = value;
    return true;
  }

  for (const link of document.querySelectorAll("a[data-label]")) {
    link.addEventListener("click", event => {
      event.preventDefault();
      form.reset();
      field("label").value = link.dataset.label;
      field("predicted").value = link.dataset.predicted;
      apply();
      const heading = document.getElementById("faces");
      heading.tabIndex = -1;
      heading.focus({preventScroll: true});
      heading.scrollIntoView({behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth"});
    });
  }
  form.addEventListener("input", () => apply());
  form.addEventListener("submit", event => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(apply));
  form.querySelector("[name=save]").addEventListener("click", save);
  const turn = by => { page += by; show(); box.querySelector(".count").scrollIntoView({block: "start"}); };
  pages.querySelector("[name=previous]").addEventListener("click", () => turn(-1));
  pages.querySelector("[name=next]").addEventListener("click", () => turn(1));
  list.addEventListener("keydown", event => {
    const buttons = [...list.querySelectorAll("button")], at = buttons.indexOf(document.activeElement);
    const across = Math.max(1, buttons.filter(one => one.parentNode.offsetTop === buttons[0].parentNode.offsetTop).length);
    const by = {ArrowRight: 1, ArrowLeft: -1, ArrowDown: across, ArrowUp: -across}[event.key];
    if (by && buttons[at + by]) { event.preventDefault(); buttons[at + by].focus(); }
  });
  dialog.querySelector("[name=close]").addEventListener("click", leave);
  dialog.querySelector("[name=before]").addEventListener("click", () => step(-1));
  dialog.querySelector("[name=after]").addEventListener("click", () => step(1));
  dialog.addEventListener("click", event => { if (event.target === dialog) leave(); });
  dialog.addEventListener("keydown", event => {
    const act = {ArrowLeft: () => step(-1), ArrowRight: () => step(1), Escape: leave}[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  dialog.addEventListener("close", leave);  // by the browser, such as the back gesture of a phone
  addEventListener("hashchange", () => { if (fromAddress()) apply(false); });
  fromAddress();
  box.hidden = false;
  apply(false);
})();
