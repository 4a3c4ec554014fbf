// Unpacks what the page carries, and brings its sections to life. document.documentElement.dataset.ready says when.

async function unpack(id) {
  const bytes = Uint8Array.from(atob(document.getElementById(id).textContent), letter => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

const THEMES = ["system", "light", "dark"];
let printing = false;

function dark() {
  const chosen = document.documentElement.dataset.theme;
  return !printing && (chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches);
}

function makeSection(element, data) {
  const table = element.querySelector("table.summary"), drawn = [];
  makeSortable(table);
  const menus = [...element.querySelectorAll("[data-pointer]")], every = element.querySelector(".every");
  const curves = data.curves && new Curves(element, data, dark);
  const map = data.map && new WinnerMap(element, data, dark, (...choice) => {
    for (let i = 0; i < choice.length; i += 2) menus[choice[i]].value = choice[i + 1];
    update();
  });
  const update = () => {
    const point = menus.map(menu => menu.value).join(",");
    showPoint(table, point, menus.length === 0 || every.checked);
    const changed = map && map.point !== point;
    if (curves) { curves.point = point; curves.draw(); }
    if (map) { map.point = point; if (changed && map.others.length) map.draw(); }
  };
  for (const menu of menus) menu.addEventListener("change", update);
  if (every) every.addEventListener("change", update);
  for (const form of element.querySelectorAll("form.point")) form.addEventListener("submit", event => event.preventDefault());
  update();
  if (map && !map.others.length) map.draw();
  if (curves) drawn.push(curves);
  if (map) drawn.push(map);
  return drawn;
}

async function start() {
  if (typeof DecompressionStream === "undefined")
    throw new Error("this browser is too old to draw curves and maps (Chrome 80, Firefox 113 and Safari 16.4 can); all else is here");
  const [plotly, data] = await Promise.all([unpack("plotly-packed"), unpack("data-packed")]);
  const library = document.createElement("script");
  library.textContent = plotly;
  document.head.append(library);
  const sections = JSON.parse(data);
  const drawn = [...document.querySelectorAll("[data-section]")].flatMap(element => makeSection(element, sections[element.dataset.section]));
  const redraw = () => drawn.forEach(figure => { figure.draw(); Plotly.Plots.resize(figure.plot); });

  const button = document.getElementById("theme"), root = document.documentElement;
  button.addEventListener("click", () => {
    const next = THEMES[(THEMES.indexOf(root.dataset.theme || "system") + 1) % THEMES.length];
    if (next === "system") delete root.dataset.theme;
    else root.dataset.theme = next;
    button.querySelector("span").textContent = next;
    redraw();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  addEventListener("beforeprint", () => { printing = true; redraw(); });
  addEventListener("afterprint", () => { printing = false; redraw(); });
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
