// Unpacks what the page carries, and brings its sections to life. document.documentElement.dataset.ready says when.

async function unpack(id) {
  const letters = atob(document.getElementById(id).textContent);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; ++i) bytes[i] = letters.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

const THEMES = ["system", "light", "dark"];
const PAPER = {width: 680, height: 330}; // a figure on a printed page

function dark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function makeSection(element, data) {
  const table = element.querySelector("table.summary");
  const drawn = [];
  const menus = [...element.querySelectorAll("[data-pointer], [data-points]")];
  const every = element.querySelector(".every");
  const curves = data.curves && new Curves(element, data, dark);
  const point = () => menus.map(menu => menu.value).join(",");
  const map =
    data.map &&
    new WinnerMap(element, data, dark, (...choice) => {
      const wanted = point().split(",");
      for (let i = 0; i < choice.length; i += 2) wanted[choice[i]] = choice[i + 1];
      if (menus[0].dataset.points === undefined)
        menus.forEach((menu, i) => {
          menu.value = wanted[i];
        });
      else if ([...menus[0].options].some(option => option.value === wanted.join(",")))
        menus[0].value = wanted.join(",");
      update();
    });
  const update = () => {
    showPoint(table, point(), menus.length === 0 || every.checked);
    for (const picture of element.querySelectorAll("[data-shown]"))
      picture.hidden = !picture.dataset.shown.split(" ").includes(point());
    for (const ages of element.querySelectorAll(".ages")) ages.hidden = ages.dataset.point !== point();
    const changed = map && map.point !== point();
    if (curves) {
      curves.point = point();
      curves.draw();
    }
    if (map) {
      map.point = point();
      if (changed && map.others.length) map.draw();
    }
  };
  for (const menu of menus) menu.addEventListener("change", update);
  if (every) every.addEventListener("change", update);
  for (const form of element.querySelectorAll("form.point"))
    form.addEventListener("submit", event => event.preventDefault());
  update();
  if (map && !map.others.length) map.draw();
  if (curves) drawn.push(curves);
  if (map) drawn.push(map);
  rememberChoices(element, curves);
  return drawn;
}

// What is chosen stands in the address, as s0.x=uploads: a link to the page shows what its sender saw.
function keyOf(control) {
  const {pointer, points, map, log} = control.dataset;
  if (control.type === "radio") return control.closest("fieldset").className;
  if (pointer !== undefined) return `at${pointer}`;
  return points !== undefined ? "at" : map || (log ? `log-${log}` : "every");
}

function rememberChoices(element, curves) {
  const controls = [...element.querySelectorAll("select, input")];
  const prefix = element.dataset.section + ".";
  const chosen = control =>
    control.type === "checkbox" ? (control.checked ? "yes" : "no") : control.type === "radio" && !control.checked ? null : control.value;
  const usual = new Map(controls.map(control => [control, chosen(control)]));
  const given = new URLSearchParams(location.hash.slice(1));
  for (const control of controls) {
    // Axes before their scales, which another axis sets anew: the page has them in this order.
    const value = given.get(prefix + keyOf(control));
    if (value === null || (control.tagName === "SELECT" && ![...control.options].some(option => option.value === value)))
      continue;
    if (control.type === "checkbox") control.checked = value === "yes";
    else if (control.type === "radio") {
      if (control.value !== value || control.checked) continue;
      control.checked = true;
    } else control.value = value;
    control.dispatchEvent(new Event("change", {bubbles: true}));
  }
  if (curves) {
    given.getAll(prefix + "hide").forEach(label => curves.hidden.add(label));
    if (curves.hidden.size) curves.draw();
  }
  const remember = () => {
    const state = new URLSearchParams(location.hash.includes("=") ? location.hash.slice(1) : "");
    for (const key of new Set(state.keys())) if (key.startsWith(prefix)) state.delete(key);
    for (const control of controls)
      if (chosen(control) !== null && chosen(control) !== usual.get(control))
        state.set(prefix + keyOf(control), chosen(control));
    if (curves) curves.hidden.forEach(label => state.append(prefix + "hide", label));
    history.replaceState(null, "", `#${state}`);
  };
  element.addEventListener("change", remember);
  if (curves) curves.changed = remember;
}

// After the browser has painted, and done what its reader asks for.
function painted() {
  return new Promise(done => requestAnimationFrame(() => setTimeout(done)));
}

async function start() {
  document.querySelectorAll("table.summary").forEach(makeSortable);
  if (typeof DecompressionStream === "undefined")
    throw new Error(
      "this browser is too old to draw curves and maps (Chrome 80, Firefox 113 and Safari 16.4 can); all else is here",
    );
  await painted(); // a page in the background is not painted, and waits until it is looked at
  const [plotly, data] = await Promise.all([unpack("plotly-packed"), unpack("data-packed")]);
  await painted();
  const library = document.createElement("script");
  library.textContent = plotly;
  document.head.append(library);
  const sections = JSON.parse(data);
  const drawn = [];
  for (const element of document.querySelectorAll("[data-section]")) {
    await painted();
    element.querySelectorAll(".still").forEach(still => still.remove());
    drawn.push(...makeSection(element, sections[element.dataset.section]));
  }
  const redraw = size =>
    drawn.forEach(figure => {
      figure.size = size || null;
      figure.plot.style.height = size ? `${size.height}px` : "";
      figure.draw();
    });

  const button = document.getElementById("theme");
  const root = document.documentElement;
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(root.dataset.theme || "system") + 1) % THEMES.length];
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    button.querySelector("span").textContent = next;
    redraw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw());
  // Paper is light, and as wide as it is. Styles for print apply too late for what is drawn.
  let before;
  addEventListener("beforeprint", () => {
    before = root.dataset.theme;
    root.dataset.theme = "light";
    redraw(PAPER);
  });
  addEventListener("afterprint", () => {
    if (before) root.dataset.theme = before;
    else delete root.dataset.theme;
    redraw();
  });
  root.dataset.ready = "yes";
}

start().catch(error => {
  const note = document.createElement("p");
  note.className = "stand-in";
  note.textContent = String(error.message || error);
  document.getElementById("main").prepend(note);
  document.documentElement.dataset.ready = "no";
  console.error(error);
});
