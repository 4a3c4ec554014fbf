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

function decadeTick(span) {
  return span > 1.2 ? Math.ceil(span / 7) : "D2";
}

// Seconds, minutes or hours: by which the values of a linear axis of times are divided.
function timeUnit(axis, log, most) {
  if (axis.unit !== "s" || log) return [1, axis.unit];
  const [, factor, name] = TIMES.find(([limit]) => most >= limit) || [0, 1, "s"];
  return [factor, name];
}

function axisLayout(axis, log, theme, span, unit) {
  return {
    title: {text: axis.title + (["s", "J"].includes(axis.unit) ? ` (${unit || axis.unit})` : ""), standoff: 8},
    type: log ? "log" : "linear",
    automargin: true,
    gridcolor: theme.grid,
    linecolor: theme.line,
    zeroline: false,
    showline: true,
    ticks: "outside",
    tickcolor: theme.line,
    exponentformat: axis.unit ? "SI" : "power",
    dtick: log ? decadeTick(span) : undefined,
    tickformat: log && decadeTick(span) === "D2" ? (axis.unit ? "~s" : "~g") : undefined, // 0.2, not its digit alone
    minexponent: 4,
    rangemode: log ? "normal" : "tozero",
  };
}

// A curve's value between its points.
function valueAt(line, x) {
  const keep = line.x.map((_, i) => i).filter(i => line.x[i] !== null && line.y[i] !== null);
  const after = keep.find(i => line.x[i] >= x);
  if (after === undefined) return keep.length ? line.y[keep[keep.length - 1]] : null;
  const before = keep[keep.indexOf(after) - 1];
  if (before === undefined || line.x[after] === line.x[before]) return line.y[after];
  const part = (x - line.x[before]) / (line.x[after] - line.x[before]);
  return line.y[before] + part * (line.y[after] - line.y[before]);
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
    this.changed = () => {}; // called when a label is hidden or shown
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
    for (const button of form.querySelectorAll("[data-view]"))
      button.addEventListener("click", () => this.view(button.dataset.view));
    form.addEventListener("submit", event => event.preventDefault());
  }

  // Plotly's bar cannot be reached by the keyboard; these buttons do what it does.
  view(what) {
    if (what === "whole") return this.draw();
    if (what === "save") return Plotly.downloadImage(this.plot, {format: "svg", filename: document.title});
    const factor = what === "in" ? 0.4 : 0.625; // of the range, to both sides of its middle: there and back
    const ranges = {};
    for (const name of ["xaxis", "yaxis"]) {
      const [from, to] = this.plot._fullLayout[name].range;
      ranges[`${name}.range`] = [(from + to) / 2 - factor * (to - from), (from + to) / 2 + factor * (to - from)];
    }
    return Plotly.relayout(this.plot, ranges);
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
        (value, i) => `<b>${plain(series.label)}</b>: ${human(ys[i], y.unit)} at ${human(value, x.unit)}`,
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
    return [...bands, ...lines, ...this.rings(lines, x, y)];
  }

  // Around the points where the first to reach a target get there.
  rings(lines, x, y) {
    const first = this.data.rings[this.point] || {};
    return this.data.targets.flatMap((target, number) => {
      if (target.metric !== y.name) return [];
      return (first[`${number}|${x.name}`] || []).flatMap(([label, cost]) => {
        const line = lines.find(trace => trace.name === label);
        if (!line) return [];
        return [
          {
            x: [cost],
            y: [valueAt(line, cost)],
            mode: "markers",
            hoverinfo: "skip",
            name: label + " arrives",
            marker: {symbol: "circle-open", size: 14, color: line.line.color, line: {width: 2}},
          },
        ];
      });
    });
  }

  draw() {
    const x = this.axis("x");
    const y = this.axis("y");
    const theme = colours();
    const logX = this.inputs.log.x.checked;
    const logY = this.inputs.log.y.checked;
    const traces = this.traces(x, y, logX, logY);
    const latest = traces.reduce((most, trace) => trace.x.reduce((a, b) => Math.max(a, b), most), 0);
    const [factor, unit] = timeUnit(x, logX, latest);
    if (factor !== 1)
      for (const trace of traces) trace.x = trace.x.map(value => (value === null ? null : value / factor));
    const layout = {
      ...this.size,
      xaxis: axisLayout(x, logX, theme, decades(traces, "x"), unit),
      yaxis: axisLayout(y, logY, theme, decades(traces, "y")),
      showlegend: false,
      hovermode: "x unified", // all curves, each at its point nearest to the pointer
      hoverdistance: -1,
      margin: {l: 60, r: 15, t: 10, b: 50},
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: {color: theme.ink, family: "system-ui, DejaVu Sans, sans-serif", size: 13},
      hoverlabel: {bgcolor: theme.ground, bordercolor: theme.line, font: {color: theme.ink}},
      modebar: {bgcolor: "rgba(0,0,0,0)", color: theme.soft, activecolor: theme.ink},
    };
    this.range(layout.yaxis, y, logY);
    const named = this.together(traces);
    if (named.length) layout.margin.r = 20 + 7.5 * named.reduce((most, names) => Math.max(most, names.text.length), 0);
    const aims = this.data.targets.filter(target => target.metric === y.name && (target.value > 0 || !logY));
    layout.shapes = aims.map(({value}) => ({
      type: "line",
      layer: "below",
      xref: "paper",
      x0: 0,
      x1: 1,
      y0: value,
      y1: value,
      line: {color: theme.soft, width: 1, dash: "dash"},
    }));
    layout.annotations = aims.map(({value, text}) => ({
      xref: "paper",
      x: 1,
      xanchor: "right",
      y: logY ? Math.log10(value) : value,
      yanchor: "bottom",
      text: plain(text),
      showarrow: false,
      font: {size: 11, color: theme.soft},
    }));
    this.legend();
    this.note(y);
    return Plotly.react(this.plot, traces, layout, {
      responsive: true,
      displaylogo: false,
      modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d"],
    }).then(() => this.nameEnds(named, layout.annotations));
  }

  // The lines to be named at their ends: if they are more than a legend tells apart, or some of them coincide, which
  // have one name together. On a small screen there is no room.
  together(traces) {
    const lines = traces.filter(trace => (this.data.points[this.point] || []).some(own => own.label === trace.name));
    const out = [];
    for (const line of lines) {
      const ends = line.x.map((_, i) => i).filter(i => line.x[i] !== null && line.y[i] !== null);
      if (!ends.length) continue;
      const near = (a, b) => a === b || (a !== null && b !== null && Math.abs(a - b) <= 1e-3 * Math.abs(b));
      const same = (one, two) => one.length === two.length && one.every((value, i) => near(value, two[i]));
      const known = out.find(names => same(names.line.x, line.x) && same(names.line.y, line.y));
      if (known) known.text += `, ${line.name}`;
      else out.push({line, text: line.name, end: line.y[ends[ends.length - 1]], last: line.x[ends[ends.length - 1]]});
    }
    const coincide = out.length < lines.filter(line => line.x.length).length;
    return this.plot.clientWidth >= 640 && (out.length > 6 || coincide) ? out : [];
  }

  nameEnds(named, others) {
    if (!named.length) return this.plot;
    const axis = this.plot._fullLayout.yaxis;
    const height = axis._length;
    const at = named.map(names => ({...names, y: Math.min(height, Math.max(0, axis.d2p(names.end)))}));
    // Of lines that end level, the one that goes on for longer mostly comes from above.
    const gap = 15;
    at.sort((a, b) => Math.round(a.y / gap) - Math.round(b.y / gap) || b.last - a.last);
    at.forEach((names, i) => {
      if (i) names.y = Math.max(names.y, at[i - 1].y + gap);
    });
    for (let i = at.length - 1, limit = height; i >= 0; --i) {
      at[i].y = Math.min(at[i].y, limit);
      limit = at[i].y - gap;
    }
    const annotations = at.map(({line, text, y}) => ({
      xref: "paper",
      x: 1,
      xanchor: "left",
      xshift: 4,
      yref: "paper",
      y: 1 - y / height,
      text: plain(text),
      showarrow: false,
      font: {size: 12, color: line.line.color},
    }));
    return Plotly.relayout(this.plot, {annotations: [...others, ...annotations]});
  }

  // A curve that diverges leaves the view instead of flattening the others: it ends in no number, or has grown a
  // thousandfold.
  range(axis, y, log) {
    const shown = (this.data.points[this.point] || []).filter(series => !this.hidden.has(series.label));
    const curves = shown
      .map(series => {
        const values = this.values(series.mid[y.name], log).filter(v => v !== null);
        const [first, last] = [Math.abs(values[0]), Math.abs(values[values.length - 1])];
        return {values, first, last, lost: y.name in series.diverged || last > 1e3 * Math.max(first, 1e-300)};
      })
      .filter(curve => curve.values.length);
    if (!curves.some(curve => curve.lost)) return;
    const most = values => values.reduce((a, b) => Math.max(a, b), -Infinity);
    const least = curves.reduce((low, curve) => curve.values.reduce((a, b) => Math.min(a, b), low), Infinity);
    const kept = curves.filter(curve => !curve.lost);
    const ends = kept.map(curve => Math.max(curve.last, Math.min(most(curve.values), 1e3 * curve.first)));
    const factor = kept.length ? (log ? 10 : 1.5) : log ? 1e6 : 30;
    const top = most([...curves.map(curve => curve.first), ...ends]) * factor;
    const bottom = log ? least / 1.5 : Math.min(0, least);
    if (!(bottom < top) || !isFinite(top)) return;
    axis.range = log ? [Math.log10(bottom), Math.log10(top)] : [bottom, top];
    delete axis.rangemode;
    if (!log) return;
    axis.dtick = decadeTick(axis.range[1] - axis.range[0]);
    if (axis.dtick !== "D2") delete axis.tickformat;
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
        this.changed();
      });
      holder.append(button);
      if (label === focused) button.focus();
    }
  }

  note(y) {
    const shown = this.data.points[this.point] || [];
    const seeds = Math.max(0, ...shown.map(series => series.seeds));
    const lost = shown
      .filter(series => y.name in series.diverged)
      .map(series => `${series.label} (${series.diverged[y.name][0]} in round ${series.diverged[y.name][1]})`);
    const words = [];
    if (!shown.length) words.push("Nothing was run at this point.");
    if (seeds > 1) words.push(`Median and range of ${seeds} seeds.`);
    if (lost.length) words.push(`Diverged: ${lost.join(", ")}.`);
    this.section.querySelector(".curves ~ .note").textContent = words.join(" ");
  }
}
