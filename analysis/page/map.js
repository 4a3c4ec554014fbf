// The winner map: the colour is the winner's, its strength the lead over the second; grey where that is not decided.

const LEVEL = {tied: "tied", close: "within 5 %", undecided: "not decided by the seeds"};

const MARGINS = [
  [1.25, 0.45],
  [2, 0.68],
  [Infinity, 0.92],
];

// Where a cell's marks stand, in parts of its sides.
const MARKS = [
  [0.25, 0.25],
  [0.75, 0.25],
  [0.5, 0.5],
  [0.25, 0.75],
  [0.75, 0.75],
];

// Black or white, whichever stands out more on rgb(...) (WCAG 2.1's relative luminance).
function inkOn(ground) {
  const parts = ground
    .match(/\d+/g)
    .map(part => part / 255)
    .map(part => (part > 0.04045 ? ((part + 0.055) / 1.055) ** 2.4 : part / 12.92));
  return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2] > 0.179 ? "#000000" : "#ffffff";
}

function mixed(hex, strength, ground) {
  const part = (colour, i) => parseInt(colour.slice(i, i + 2), 16);
  return (
    "rgb(" + [1, 3, 5].map(i => Math.round(strength * part(hex, i) + (1 - strength) * part(ground, i))).join(",") + ")"
  );
}

// Places on an axis: logarithms of quantities that span much, or numbers of names; and the borders half-way between.
function places(scale) {
  const at =
    scale.values === null ? scale.texts.map((_, i) => i) : scale.log ? scale.values.map(Math.log10) : scale.values;
  if (at.length === 1) return {at, edges: [at[0] - 0.5, at[0] + 0.5]};
  const middle = at.slice(1).map((value, i) => (value + at[i]) / 2);
  return {at, edges: [2 * at[0] - middle[0], ...middle, 2 * at[at.length - 1] - middle[middle.length - 1]]};
}

class WinnerMap {
  constructor(section, data, dark, choose) {
    this.section = section;
    this.data = data.map;
    this.styles = data.styles;
    this.dark = dark;
    this.others = data.map.others.map(pointer => data.pointers.findIndex(own => own.pointer === pointer));
    this.axes = ["x", "y"].map(which => data.pointers.findIndex(own => own.pointer === data.map[which].pointer));
    this.size = null; // {width, height} in pixels; null: the page's
    this.plot = section.querySelector(".map");
    this.point = "";
    this.menus = {
      target: section.querySelector('[data-map="target"]'),
      cost: section.querySelector('[data-map="cost"]'),
    };
    for (const menu of Object.values(this.menus)) menu.addEventListener("change", () => this.draw());
    section.querySelector(".map-controls").addEventListener("submit", event => event.preventDefault());
    this.choose = choose;
  }

  // For each cell: costs of those who arrive, the cheapest first, and what is decided between them; null where nothing
  // was run.
  cells() {
    const place = this.others.map(i => this.point.split(",")[i]).join(",");
    const key = `${this.menus.target.value}|${this.menus.cost.value}|${place}`;
    const planes = this.data.maps[key];
    if (!planes) return null;
    return this.data.y.texts.map((_, row) =>
      this.data.x.texts.map((_, column) => {
        const costs = planes
          .map((plane, i) => ({label: this.data.labels[i], cost: plane[row][column]}))
          .filter(entry => entry.cost !== null);
        if (!costs.length) return null;
        const [kind, leaders, factor] = this.data.verdicts[key][row][column];
        return {
          kind,
          leaders: leaders.map(i => this.data.labels[i]),
          factor: factor === null ? Infinity : factor,
          order: costs.filter(entry => entry.cost >= 0).sort((a, b) => a.cost - b.cost),
          never: costs.filter(entry => entry.cost < 0).map(entry => entry.label),
        };
      }),
    );
  }

  hover(cell, row, column, unit) {
    const where = plain(
      `${this.data.x.title} ${this.data.x.texts[column]}, ${this.data.y.title} ${this.data.y.texts[row]}`,
    );
    if (!cell) return `${where}<br>nothing was run here`;
    const bold = (text, yes) => (yes ? `<b>${text}</b>` : text);
    const least = cell.order.length && cell.order[0].cost;
    const lines = cell.order.map(
      (entry, i) =>
        bold(`${plain(entry.label)}: ${human(entry.cost, unit)}`, cell.leaders.includes(entry.label)) +
        (i && least > 0 ? ` (${Number((entry.cost / least).toPrecision(3))} times)` : ""),
    );
    const level = LEVEL[cell.kind] ? [`${LEVEL[cell.kind]}: ${cell.leaders.map(plain).join(", ")}`] : [];
    return [where, ...level, ...lines, ...cell.never.map(label => `${plain(label)}: not reached`)].join("<br>");
  }

  draw() {
    const cells = this.cells();
    const theme = colours();
    const unit = this.data.costs.find(axis => axis.name === this.menus.cost.value).unit;
    const x = places(this.data.x);
    const y = places(this.data.y);
    const shapes = [];
    const nobody = {x: [], y: []};
    const undecided = {x: [], y: []};
    let close = false;
    const winners = new Set();
    const z = [];
    const text = [];
    (cells || []).forEach((line, row) => {
      z.push(line.map(() => 0));
      text.push(line.map((cell, column) => this.hover(cell, row, column, unit)));
      line.forEach((cell, column) => {
        const box = {
          type: "rect",
          layer: "below",
          x0: x.edges[column],
          x1: x.edges[column + 1],
          y0: y.edges[row],
          y1: y.edges[row + 1],
        };
        const dot = spots => {
          for (const [across, up] of MARKS) {
            spots.x.push(x.edges[column] + across * (x.edges[column + 1] - x.edges[column]));
            spots.y.push(y.edges[row] + up * (y.edges[row + 1] - y.edges[row]));
          }
        };
        if (!cell) return;
        if (cell.kind === "nobody") return dot(nobody);
        if (LEVEL[cell.kind]) {
          if (cell.kind === "undecided") dot(undecided);
          else close = true;
          return shapes.push({...box, fillcolor: theme.line, line: {width: 1, color: theme.line}});
        }
        winners.add(cell.leaders[0]);
        const colour = this.colour(cell, theme);
        shapes.push({...box, fillcolor: colour, line: {width: 1, color: colour}});
      });
    });
    const best = (cells || []).map(line =>
      line.map(cell => (cell && cell.order.length && cell.order[0].cost > 0 ? Math.log10(cell.order[0].cost) : null)),
    );
    const traces = [
      {
        type: "heatmap",
        x: x.edges,
        y: y.edges,
        z,
        text,
        hoverinfo: "text",
        showscale: false,
        colorscale: [
          [0, "rgba(0,0,0,0)"],
          [1, "rgba(0,0,0,0)"],
        ],
      },
      {
        type: "scatter",
        mode: "markers",
        ...nobody,
        hoverinfo: "skip",
        marker: {symbol: "line-ne-open", size: 10, color: theme.soft},
      },
      {
        type: "scatter",
        mode: "markers",
        ...undecided,
        hoverinfo: "skip",
        marker: {symbol: "circle", size: 4, color: theme.ink},
      },
      ...this.contours(best, x.at, y.at, theme),
    ];
    const layout = {
      ...this.size,
      shapes,
      annotations: [...this.names(cells || [], x, y, theme), ...this.labels(best, x.at, y.at, unit, theme)],
      showlegend: false,
      margin: {l: 80, r: 10, t: 10, b: 50},
      hovermode: "closest",
      xaxis: this.axis(this.data.x, x, theme, 9),
      yaxis: this.axis(this.data.y, y, theme, 16),
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: {color: theme.ink, family: "system-ui, DejaVu Sans, sans-serif", size: 13},
      hoverlabel: {bgcolor: theme.ground, bordercolor: theme.line, font: {color: theme.ink}, align: "left"},
    };
    this.legend(
      [...this.data.labels].filter(label => winners.has(label)),
      close,
      undecided.x.length > 0,
      nobody.x.length > 0,
    );
    this.table(cells, unit);
    return Plotly.react(this.plot, traces, layout, {responsive: true, displayModeBar: false}).then(() =>
      this.listen(x, y),
    );
  }

  axis(scale, place, theme, most) {
    const step = Math.ceil(place.at.length / most);
    const keep = place.at.map((_, i) => i).filter(i => i % step === 0);
    return {
      title: {text: plain(scale.title), standoff: 8},
      range: [place.edges[0], place.edges[place.edges.length - 1]],
      tickvals: keep.map(i => place.at[i]),
      ticktext: keep.map(i => plain(scale.texts[i])),
      showgrid: false,
      zeroline: false,
      fixedrange: true,
      automargin: true,
      linecolor: theme.line,
      mirror: true,
      showline: true,
    };
  }

  levels(best) {
    const all = best.flat().filter(value => value !== null);
    if (best.length < 2 || best[0].length < 2 || all.length < 4) return [];
    const low = Math.min(...all);
    const high = Math.max(...all);
    const steps = high - low > 3.5 ? [1] : high - low > 1 ? [1, 3] : [1, 1.5, 2, 3, 5, 7];
    const out = [];
    for (let power = Math.floor(low); power <= high; ++power)
      for (const step of steps) {
        const level = power + Math.log10(step);
        if (level > low && level < high) out.push(level);
      }
    return out;
  }

  contours(best, x, y, theme) {
    return this.levels(best).map(level => ({
      type: "contour",
      x,
      y,
      z: best,
      autocontour: false,
      contours: {start: level, end: level, size: 1, coloring: "none"},
      line: {color: theme.ink, width: 1.2},
      hoverinfo: "skip",
      showscale: false,
      connectgaps: false,
    }));
  }

  // A level's name stands where its line crosses a row or a column, as near to the middle as it does.
  labels(best, x, y, unit, theme) {
    const middle = [(x[0] + x[x.length - 1]) / 2, (y[0] + y[y.length - 1]) / 2];
    const span = [x[x.length - 1] - x[0] || 1, y[y.length - 1] - y[0] || 1];
    return this.levels(best).flatMap(level => {
      const found = [];
      const cross = (a, b, at) => {
        if (a !== null && b !== null && (a - level) * (b - level) < 0) found.push(at((level - a) / (b - a)));
      };
      best.forEach((line, row) =>
        line.forEach((value, column) => {
          if (column + 1 < line.length)
            cross(value, line[column + 1], t => [x[column] + t * (x[column + 1] - x[column]), y[row]]);
          if (row + 1 < best.length)
            cross(value, best[row + 1][column], t => [x[column], y[row] + t * (y[row + 1] - y[row])]);
        }),
      );
      const distance = place => Math.hypot((place[0] - middle[0]) / span[0], (place[1] - middle[1]) / span[1]);
      found.sort((a, b) => distance(a) - distance(b));
      return found.slice(0, 1).map(([left, up]) => ({
        x: left,
        y: up,
        text: human(10 ** level, unit).replace(/\.0+(?= )/, ""),
        showarrow: false,
        bgcolor: theme.ground,
        opacity: 0.85,
        font: {size: 11, color: theme.ink},
        borderpad: 1,
      }));
    });
  }

  colour(cell, theme) {
    const style = this.styles[cell.leaders[0]];
    const strength = MARGINS.find(([limit]) => cell.factor <= limit)[1];
    return mixed(this.dark() ? style.dark : style.light, strength, theme.ground);
  }

  // A winner's name in the middle of its land, where there is room for it: colours alone tell not everybody.
  names(cells, x, y, theme) {
    const lands = new Map();
    const winner = (row, column) => {
      const cell = (cells[row] || [])[column];
      return cell && !LEVEL[cell.kind] ? cell.leaders[0] : undefined;
    };
    cells.forEach((line, row) =>
      line.forEach((_, column) => {
        const label = winner(row, column);
        if (label === undefined) return;
        // How far the land goes on to both sides, and up and down.
        let [left, right, room] = [column, column, 0];
        while (winner(row, left - 1) === label) --left;
        while (winner(row, right + 1) === label) ++right;
        while (winner(row - room - 1, column) === label && winner(row + room + 1, column) === label) ++room;
        const width = (x.edges[right + 1] - x.edges[left]) / (x.edges[x.edges.length - 1] - x.edges[0]);
        const known = lands.get(label);
        if (!known || room > known.room || (room === known.room && width > known.width))
          lands.set(label, {room, width, at: (x.edges[left] + x.edges[right + 1]) / 2, row, cell: cells[row][column]});
      }),
    );
    const across = this.plot.clientWidth - 90;
    return [...lands]
      .filter(([label, land]) => land.width * across > 8 * label.length)
      .map(([label, land]) => ({
        x: land.at,
        y: y.at[land.row],
        text: `<b>${plain(label)}</b>`,
        showarrow: false,
        font: {size: 13, color: inkOn(this.colour(land.cell, theme))},
      }));
  }

  legend(winners, close, undecided, nobody) {
    const holder = this.section.querySelector(".map-legend");
    holder.textContent = "";
    const add = (label, background) => {
      const entry = document.createElement("span");
      const swatch = document.createElement("span");
      swatch.className = "swatch";
      swatch.style.background = background;
      swatch.style.printColorAdjust = "exact";
      entry.append(swatch, label);
      holder.append(entry);
    };
    for (const label of winners) add(label, this.dark() ? this.styles[label].dark : this.styles[label].light);
    if (close) add("tied or within 5 %", "var(--line)");
    if (undecided)
      add("not decided by the seeds", "radial-gradient(var(--ink) 1.5px, transparent 2px) 0 0 / 6px 6px, var(--line)");
    if (nobody) add("nobody", "repeating-linear-gradient(-45deg, var(--soft) 0 1px, transparent 1px 4px)");
  }

  table(cells, unit) {
    const holder = this.section.querySelector(".map-table .scroll");
    const table = document.createElement("table");
    const add = (row, tag, text) => {
      const cell = document.createElement(tag);
      cell.textContent = text;
      row.append(cell);
    };
    const head = table.createTHead().insertRow();
    const body = table.createTBody();
    add(head, "th", `${this.data.y.title}, ${this.data.x.title}`);
    this.data.x.texts.forEach(text => add(head, "th", text));
    for (let row = this.data.y.texts.length - 1; row >= 0; --row) {
      const line = body.insertRow();
      add(line, "th", this.data.y.texts[row]);
      for (const cell of cells ? cells[row] : [])
        add(line, "td", this.words(cell, unit));
    }
    holder.replaceChildren(table);
  }

  words(cell, unit) {
    if (!cell) return "";
    if (cell.kind === "nobody") return "nobody";
    const level = LEVEL[cell.kind] ? `${LEVEL[cell.kind]}: ` : "";
    return `${level}${cell.leaders.join(", ")}, ${human(cell.order[0].cost, unit)}`;
  }

  // A click on a cell shows its curves.
  listen(x, y) {
    if (this.listening) return;
    this.listening = true;
    this.plot.on("plotly_click", event => {
      const hit = event.points.find(point => point.data.type === "heatmap");
      if (!hit) return;
      const nearest = (at, value) =>
        at.reduce((best, here, i) => (Math.abs(here - value) < Math.abs(at[best] - value) ? i : best), 0);
      // What is above may grow or shrink: the map stays under the pointer.
      const before = this.plot.getBoundingClientRect().top;
      this.choose(this.axes[0], nearest(x.at, hit.x), this.axes[1], nearest(y.at, hit.y));
      scrollBy(0, this.plot.getBoundingClientRect().top - before);
    });
  }
}
