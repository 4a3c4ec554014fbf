// The curves of a section: one algorithm a line, a band over seeds, another x axis at the press of a key.

// Plotly reads some tags in its texts: a label is no markup.
function plain(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

function colours() {
  const style = getComputedStyle(document.documentElement);
  const get = name => style.getPropertyValue("--" + name).trim();
  return {ink: get("ink"), soft: get("soft"), line: get("line"), grid: get("grid"), ground: get("ground")};
}

function translucent(hex, alpha) {
  const [r, g, b] = [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16));
  return `rgba(${r},${g},${b},${alpha})`;
}

// The digits between decades are named only where there are few decades.
function decades(traces, which) {
  const values = traces.flatMap(trace => trace[which]).filter(value => value > 0);
  return Math.log10(values.reduce((a, b) => Math.max(a, b), 1e-300) / values.reduce((a, b) => Math.min(a, b), 1e300));
}

function axisLayout(axis, log, theme, span) {
  return {
    title: {text: axis.title + (["s", "J"].includes(axis.unit) ? ` (${axis.unit})` : ""), standoff: 8},
    type: log ? "log" : "linear",
    automargin: true,
    gridcolor: theme.grid,
    linecolor: theme.line,
    zeroline: false,
    showline: true,
    ticks: "outside",
    tickcolor: theme.line,
    exponentformat: axis.unit ? "SI" : "power",
    dtick: !log ? undefined : span > 1.2 ? Math.ceil(span / 7) : "D2",
    minexponent: 4,
    rangemode: log ? "normal" : "tozero",
  };
}

class Curves {
  constructor(section, data, dark) {
    this.section = section;
    this.data = data.curves;
    this.styles = data.styles;
    this.dark = dark;
    this.size = null; // {width, height} in pixels; null: the page's
    this.plot = section.querySelector(".curves");
    this.hidden = new Set();
    this.point = Object.keys(this.data.points)[0];
    const form = section.querySelector("form.axes");
    this.inputs = {
      x: [...form.querySelectorAll(".x input")],
      y: [...form.querySelectorAll(".y input")],
      log: {x: form.querySelector('[data-log="x"]'), y: form.querySelector('[data-log="y"]')},
    };
    for (const which of ["x", "y"])
      for (const input of this.inputs[which])
        input.addEventListener("change", () => {
          this.inputs.log[which].checked = this.axis(which).log;
          this.draw();
        });
    for (const which of ["x", "y"]) {
      this.inputs.log[which].checked = this.axis(which).log;
      this.inputs.log[which].addEventListener("change", () => this.draw());
    }
    form.addEventListener("submit", event => event.preventDefault());
  }

  axis(which) {
    const name = this.inputs[which].find(input => input.checked).value;
    return this.data[which + "s"].find(axis => axis.name === name);
  }

  values(number, log) {
    return this.data.arrays[number].map(value => (log && value !== null && value <= 0 ? null : value));
  }

  traces(x, y, logX, logY) {
    const bands = [];
    const lines = [];
    for (const series of this.data.points[this.point] || []) {
      if (this.hidden.has(series.label)) continue;
      const style = this.styles[series.label];
      const colour = this.dark() ? style.dark : style.light;
      const xs = this.values(series.mid[x.name], logX);
      const ys = this.values(series.mid[y.name], logY);
      if (series.low) {
        // A lucky seed would rule a logarithmic axis.
        const floor = logY ? ys.reduce((a, b) => (b === null ? a : Math.min(a, b)), Infinity) / 10 : -Infinity;
        const low = this.data.arrays[series.low[y.name]].map(value => (value === null ? null : Math.max(value, floor)));
        const high = this.values(series.high[y.name], logY);
        const keep = [...xs.keys()].filter(i => xs[i] !== null && low[i] !== null && high[i] !== null);
        bands.push({
          x: [...keep.map(i => xs[i]), ...keep.map(i => xs[i]).reverse()],
          y: [...keep.map(i => high[i]), ...keep.map(i => low[i]).reverse()],
          fill: "toself",
          fillcolor: translucent(colour, 0.18),
          line: {width: 0},
          mode: "lines",
          hoverinfo: "skip",
          name: series.label + " range",
        });
      }
      const text = xs.map(
        (value, i) =>
          `<b>${plain(series.label)}</b><br>${x.title}: ${human(value, x.unit)}<br>${y.title}: ${human(ys[i], y.unit)}`,
      );
      lines.push({
        x: xs,
        y: ys,
        text,
        hoverinfo: "text",
        name: series.label,
        mode: xs.filter(v => v !== null).length > 1 ? "lines" : "markers",
        line: {color: colour, dash: style.dash, width: 2},
        marker: {color: colour, symbol: style.symbol, size: 8},
      });
    }
    return [...bands, ...lines];
  }

  draw() {
    const x = this.axis("x");
    const y = this.axis("y");
    const theme = colours();
    const logX = this.inputs.log.x.checked;
    const logY = this.inputs.log.y.checked;
    const traces = this.traces(x, y, logX, logY);
    const layout = {
      ...this.size,
      xaxis: axisLayout(x, logX, theme, decades(traces, "x")),
      yaxis: axisLayout(y, logY, theme, decades(traces, "y")),
      showlegend: false,
      hovermode: "closest",
      margin: {l: 60, r: 15, t: 10, b: 50},
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: {color: theme.ink, family: "system-ui, DejaVu Sans, sans-serif", size: 13},
      hoverlabel: {bgcolor: theme.ground, bordercolor: theme.line, font: {color: theme.ink}},
      modebar: {bgcolor: "rgba(0,0,0,0)", color: theme.soft, activecolor: theme.ink},
    };
    this.range(layout.yaxis, y, logY);
    this.legend();
    this.note(y);
    return Plotly.react(this.plot, traces, layout, {
      responsive: true,
      displaylogo: false,
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    });
  }

  // A curve that diverges leaves the view instead of flattening the others.
  range(axis, y, log) {
    const shown = (this.data.points[this.point] || []).filter(series => !this.hidden.has(series.label));
    const curves = shown
      .map(series => ({
        values: this.values(series.mid[y.name], log).filter(v => v !== null),
        lost: series.diverged.includes(y.name),
      }))
      .filter(curve => curve.values.length);
    const least = curves.reduce((low, curve) => Math.min(low, ...curve.values), Infinity);
    const most = curves.reduce((high, curve) => Math.max(high, ...curve.values), -Infinity);
    const top =
      Math.max(
        ...curves.map(curve =>
          Math.max(Math.abs(curve.values[0]), curve.lost ? 0 : Math.abs(curve.values[curve.values.length - 1])),
        ),
      ) * (log ? 30 : 3);
    if (!(most > top) || !isFinite(least)) return;
    axis.range = log ? [Math.log10(least / 1.5), Math.log10(top)] : [Math.min(0, least), top];
    delete axis.rangemode;
  }

  legend() {
    const holder = this.section.querySelector(".legend");
    const focused = document.activeElement && document.activeElement.dataset.label;
    holder.textContent = "";
    for (const {label} of this.data.points[this.point] || []) {
      const style = this.styles[label];
      const colour = this.dark() ? style.dark : style.light;
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.label = label;
      button.setAttribute("aria-pressed", String(!this.hidden.has(label)));
      const dashes =
        {dot: "2 3", dash: "7 4", dashdot: "7 3 2 3", longdash: "11 4", longdashdot: "11 3 2 3", "5px 3px": "5 3"}[
          style.dash
        ] || "none";
      button.innerHTML =
        `<svg width="30" height="10" aria-hidden="true"><line x1="0" y1="5" x2="30" y2="5" ` +
        `stroke="${colour}" stroke-width="2.5" stroke-dasharray="${dashes}"/></svg>`;
      button.append(label);
      button.addEventListener("click", () => {
        if (!this.hidden.delete(label)) this.hidden.add(label);
        this.draw();
      });
      holder.append(button);
      if (label === focused) button.focus();
    }
  }

  note(y) {
    const shown = this.data.points[this.point] || [];
    const seeds = Math.max(0, ...shown.map(series => series.seeds));
    const lost = shown.filter(series => series.diverged.includes(y.name)).map(series => series.label);
    const words = [];
    if (!shown.length) words.push("Nothing was run at this point.");
    if (seeds > 1) words.push(`Median and range of ${seeds} seeds.`);
    if (lost.length) words.push(`Diverged: ${lost.join(", ")}.`);
    this.section.querySelector(".curves ~ .note").textContent = words.join(" ");
  }
}
