// Turns lanes into SVG text. Nothing here keeps state or listens; page.js does.
"use strict";

const HEIGHTS = { promises: 22, promise: 20, faults: 22, fault: 20, region: 26, calls: 46, latency: 46,
  az: 21, actor: 17, audit: 40, lost: 30 };
const UNITS = [["y", 31536000000], ["d", 86400000], ["h", 3600000], ["m", 60000], ["s", 1000]];
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 15e3, 3e4, 6e4, 12e4, 3e5, 6e5, 9e5,
  18e5, 36e5, 72e5, 108e5, 216e5, 432e5, 864e5, 1728e5, 6048e5, 1728e6, 5184e6, 7776e6, 15552e6, 31536e6, 63072e6];
const OUTCOMES = ["ok", "refused to the caller", "failed by the service", "timed out"];
const KINDS = { down: "without power", paused: "stopped", out: "out of rotation", leads: "leads" };
const FAULT_LOOKS = 4;

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const safe = (text) => String(text).replace(/[&<>"]/g, (letter) => escapes[letter]);
const many = (number) => number.toLocaleString("en-US");

// As figures.span: two neighbouring units, cut and not rounded.
function span(ms) {
  if (ms < 0) return "-" + span(-ms);
  if (ms < 1000) return ms === 0 ? "0s" : `${Math.floor(ms)} ms`;
  if (ms < 60000) return `${Math.floor(ms / 100) / 10}s`;
  for (let i = 0; i < UNITS.length; i++) {
    const [name, size] = UNITS[i];
    if (ms < size) continue;
    const rest = i + 1 < UNITS.length ? Math.floor((ms % size) / UNITS[i + 1][1]) : 0;
    return `${Math.floor(ms / size)}${name}` + (rest ? ` ${rest}${UNITS[i + 1][0]}` : "");
  }
  return "";
}

function latency(us) {
  const three = (v) => (v < 9.995 ? v.toFixed(2) : v < 99.95 ? v.toFixed(1) : v.toFixed(0));
  if (us < 999.5) return `${us} us`;
  return us < 999500 ? `${three(us / 1e3)} ms` : `${three(us / 1e6)} s`;
}

// Two figures of how often, per second, minute, hour or day.
function rate(perSecond) {
  const [unit, seconds] = [["s", 1], ["min", 60], ["h", 3600]].find(([, s]) => perSecond * s >= 1) || ["d", 86400];
  const often = perSecond * seconds;
  return `${often < 100 ? Number(often.toPrecision(2)) : many(Math.round(often))}/${unit}`;
}

// Where things stand: times in milliseconds to pixels.
class Scale {
  constructor(from, to, left, width) {
    Object.assign(this, { from, to, left, width });
  }
  x(ms) {
    return this.left + ((ms - this.from) / (this.to - this.from)) * this.width;
  }
  // A stretch cut to what is visible: [x, width], or null; never thinner than a pixel and a half.
  cut(begin, end) {
    if (end < this.from || begin > this.to) return null;
    const x0 = Math.max(this.left, this.x(begin)), x1 = Math.min(this.left + this.width, this.x(end));
    return [x0, Math.max(1.5, x1 - x0)];
  }
  shows(ms) {
    return ms >= this.from && ms <= this.to;
  }
  ticks() {
    const wanted = ((this.to - this.from) * 74) / this.width;
    const step = STEPS.find((s) => s >= wanted) || STEPS[STEPS.length - 1];
    const found = [];
    for (let t = Math.ceil(this.from / step) * step; t <= this.to; t += step) found.push(t);
    return found;
  }
}

const rect = (cls, x, y, w, h, title) =>
  `<rect class="${cls}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${w.toFixed(1)}" height="${h.toFixed(1)}">` +
  (title ? `<title>${safe(title)}</title>` : "") + "</rect>";
const text = (x, y, content, cls = "", more = "") =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" class="${cls}" ${more}>${safe(content)}</text>`;

function clip(content, room, size = 6.3) {
  const most = Math.floor(room / size);
  return content.length <= most ? content : content.slice(0, Math.max(1, most - 1)) + "…";
}

const patterns = () => {
  const one = (id, size, body) =>
    `<pattern id="${id}" width="${size}" height="${size}" patternUnits="userSpaceOnUse">${body}</pattern>`;
  const lines = (size) => `M-1,1 l2,-2 M0,${size} l${size},-${size} M${size - 1},${size + 1} l2,-2`;
  const faults = [
    (c) => `<path d="${lines(8)}" style="stroke:var(${c});stroke-width:2.2"/>`,
    (c) => `<circle cx="4" cy="4" r="1.7" style="fill:var(${c})"/>`,
    (c) => `<path d="M0,4 h8" style="stroke:var(${c});stroke-width:2.2"/>`,
    (c) => `<path d="M0,0 l8,8 M8,0 l-8,8" style="stroke:var(${c});stroke-width:1.4"/>`,
  ];
  return "<defs>" +
    one("p-refused", 5, '<rect class="p-back-1" width="5" height="5"/><circle class="p-dot" cx="2.5" cy="2.5" r="1"/>') +
    one("p-failed", 6, `<rect class="p-back-2" width="6" height="6"/><path class="p-ink" d="${lines(6)}"/>`) +
    one("p-timeout", 6, '<rect class="p-back-3" width="6" height="6"/><path class="p-ink" d="M0,0 l6,6 M6,0 l-6,6"/>') +
    one("p-down", 6, `<path class="p-down" d="${lines(6)}"/>`) +
    one("p-paused", 5, '<circle class="p-paused" cx="2.5" cy="2.5" r="1.2"/>') +
    faults.map((draw, i) => one(`p-fault-${i}`, 8,
      `<rect width="8" height="8" style="fill:var(--fault-${i});opacity:.22"/>` + draw(`--fault-${i}`))).join("") +
    "</defs>";
};
const faultStyle = (index) =>
  `fill:url(#p-fault-${index % FAULT_LOOKS});stroke:var(--fault-${index % FAULT_LOOKS});stroke-width:1.2`;

// The finest cut of the run whose bins are at least four pixels wide.
function level(data, scale) {
  const fits = (cut) => ((data.end / cut) * scale.width) / (scale.to - scale.from) >= 4;
  let best = 0;
  data.levels.forEach((cut, index) => { if (fits(cut)) best = index; });
  return best;
}

function eachBin(bins, data, index, scale, draw) {
  const width = data.end / data.levels[index];
  for (const row of bins[index]) {
    const place = scale.cut(row[0] * width, (row[0] + 1) * width);
    if (place) draw(row, place[0], Math.max(1, place[1] - (place[1] > 5 ? 1 : 0)), row[0] * width);
  }
}

const DRAW = {
  calls(lane, data, scale, y, h) {
    const index = level(data, scale), bins = lane.bins[index];
    const peak = Math.max(1, ...bins.map((b) => b[1] + b[2] + b[3] + b[4]));
    const seconds = data.end / data.levels[index] / 1000;
    let out = "";
    eachBin(lane.bins, data, index, scale, (row, x, w, begin) => {
      let top = y + h - 3;
      const said = OUTCOMES.map((name, i) => (row[i + 1] ? `${many(row[i + 1])} ${name}` : "")).filter(Boolean);
      let body = "";
      for (let i = 0; i < 4; i++) {
        if (!row[i + 1]) continue;
        // What went wrong is never too small to see.
        const tall = Math.max(i > 1 ? 2.5 : 0.5, (row[i + 1] / peak) * (h - 8));
        top -= tall;
        body += rect(`c${i}`, x, top, w, tall);
      }
      out += `<g><title>${safe(span(begin) + ": " + said.join(", "))}</title>${body}</g>`;
    });
    return { svg: out, note: bins.length ? `peak ${rate(peak / seconds)}` : "none" };
  },
  latency(lane, data, scale, y, h) {
    const bins = data.byId[lane.source].bins, index = level(data, scale);
    const good = bins[index].filter((b) => b[1]);
    if (!good.length) return { svg: "", note: "none" };
    let low = Infinity, high = 0;
    for (const b of good) { low = Math.min(low, b[5]); high = Math.max(high, b[6]); }
    const from = Math.log(low / 1.15), to = Math.log(Math.max(high * 1.15, low * 2));
    const at = (us) => y + h - 4 - ((Math.log(us) - from) / (to - from)) * (h - 8);
    let out = "";
    eachBin(bins, data, index, scale, (row, x, w, begin) => {
      if (!row[1]) return;
      const middle = x + w / 2, p50 = at(row[5]), p99 = at(row[6]), half = Math.min(3, w / 2);
      out += `<g><title>${safe(`${span(begin)}: p50 ${latency(row[5])}, p99 ${latency(row[6])}`)}</title>` +
        `<line class="range" x1="${middle}" x2="${middle}" y1="${p50}" y2="${p99}"/>` +
        `<line class="tail" x1="${middle - half}" x2="${middle + half}" y1="${p99}" y2="${p99}"/>` +
        `<circle class="middle" cx="${middle}" cy="${p50}" r="${Math.min(2, half)}"/>` +
        rect("clear", x, y, w, h) + "</g>";
    });
    return { svg: out, note: `${latency(low)} – ${latency(high)}` };
  },
  audit(lane, data, scale, y, h) {
    const index = level(data, scale);
    const most = Math.max(1, ...lane.bins[index].map((b) => b[3]));
    let out = "";
    eachBin(lane.bins, data, index, scale, (row, x, w, begin) => {
      const longest = (row[3] / most) * (h - 8), median = (row[2] / most) * (h - 8);
      out += `<g><title>${safe(`calls of ${span(begin)}: ${many(row[1])} records in the bucket, half of them ` +
        `within ${span(row[2] * 1000)}, all within ${span(row[3] * 1000)}`)}</title>` +
        rect("delay", x, y + h - 3 - longest, w, longest) + rect("delay median", x, y + h - 3 - median, w, median) + "</g>";
    });
    return { svg: out, note: lane.bins[index].length ? `up to ${span(most * 1000)}` : "no record" };
  },
  lost(lane, data, scale, y, h) {
    const index = level(data, scale);
    const most = Math.max(1, ...lane.bins[index].map((b) => b[1]));
    let out = "";
    eachBin(lane.bins, data, index, scale, (row, x, w, begin) => {
      const tall = Math.max(2, (row[1] / most) * (h - 8));
      out += rect("lostbar", x, y + h - 3 - tall, w, tall, `${span(begin)}: ${many(row[1])} messages lost on the way`);
    });
    const total = lane.bins[0].reduce((sum, b) => sum + b[1], 0);
    return { svg: out, note: total ? many(total) : "none" };
  },
  actor(lane, data, scale, y, h) {
    const tall = Math.min(9, h - 8), top = y + (h - tall) / 2;
    const whole = scale.cut(0, data.end);
    let out = whole ? rect("up", whole[0], top + tall / 2 - 1.5, whole[1], 3) : "";
    for (const [begin, end, kind, said] of lane.spans) {
      const place = scale.cut(begin, end);
      if (!place) continue;
      const title = `${said || KINDS[kind]}: ${span(begin)} – ${span(end)}`;
      if (kind === "leads") out += rect("leadss", place[0], top + tall / 2 - 2.5, place[1], 5, title);
      else if (kind === "out") out += rect("outs", place[0], top - 1.5, place[1], tall + 3, title);
      else out += rect("blank", place[0], top, place[1], tall) + rect(kind + "s", place[0], top, place[1], tall, title);
    }
    for (const [time, kind, said] of lane.marks) {
      if (!scale.shows(time)) continue;
      const x = scale.x(time), m = y + h / 2;
      const shape = kind === "leader" ? star(x, m, 6) : `M${x - 4},${m} L${x},${m - 4} L${x + 4},${m} L${x},${m + 4} Z`;
      out += `<path class="sign ${kind === "leader" ? "" : "other"}" d="${shape}"><title>${safe(`${span(time)}: ${said}`)}</title></path>`;
    }
    return { svg: out, note: "" };
  },
};
DRAW.az = DRAW.actor;

function star(x, y, r) {
  let d = "";
  for (let i = 0; i < 10; i++) {
    const angle = (Math.PI * i) / 5 - Math.PI / 2, length = i % 2 ? r * 0.45 : r;
    d += `${i ? "L" : "M"}${(x + length * Math.cos(angle)).toFixed(1)},${(y + length * Math.sin(angle)).toFixed(1)}`;
  }
  return d + "Z";
}
