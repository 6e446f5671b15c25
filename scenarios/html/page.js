// Keeps what is open, chosen and visible, listens to pointer and keys, and draws anew.
"use strict";

const data = JSON.parse(document.getElementById("run").textContent);
const stage = document.querySelector(".stage"), panel = document.querySelector(".panel");
const plot = document.querySelector(".plot"), axis = plot.querySelector(".axis"), chart = plot.querySelector(".chart");
// At first the workload is shown and what broke in or soon after it, not the quiet time that may
// follow; pins of what was only found at the end wait at the edge.
const SOON = 3;
function firstView(run) {
  const times = run.promises.flatMap((promise) => promise.pins.map((pin) => pin[0]));
  const last = Math.max(run.span, ...times.filter((time) => time <= run.span * SOON));
  return last < run.end * 0.55 ? last * 1.15 : run.end;
}
const state = { from: 0, to: firstView(data), open: new Set(), chosen: "", named: new Set(), moment: null };
let rows = [], scale = null, waiting = false;

// Every lane by its id; promises and faults are groups of lanes of their own.
data.byId = {};
function enter(lane, above, depth) {
  Object.assign(lane, { above, depth });
  data.byId[lane.id] = lane;
  lane.lanes.forEach((inner) => enter(inner, lane, depth + 1));
}
const promises = { id: "promises", label: "promises", kind: "promises", lanes: data.promises.map((promise) =>
  ({ id: `promise/${promise.name}`, label: promise.name, kind: "promise", promise, lanes: [] })) };
const faults = { id: "faults", label: "faults", kind: "faults", lanes: data.faults.map((fault, index) =>
  ({ id: `fault/${index}`, label: `${fault.number}. ${fault.name}`, kind: "fault", fault, index, lanes: [] })) };
const top_lanes = [promises, ...(data.faults.length ? [faults] : []), ...data.lanes];
top_lanes.forEach((lane) => enter(lane, null, 0));

const under = (id, place) => id === place || id.startsWith(place + "/");
// Whether a fault hits a lane, or one of those below it.
const hit = (lane, fault) => fault.places.some((place) => under(lane.id, place));
const covers = (lane, fault) => hit(lane, fault) || lane.lanes.some((inner) => covers(inner, fault));
// Whether the first counterexample of a promise speaks of a lane; later ones are often its echo.
const touched = (id) => data.promises.some((p) => p.pins.slice(0, 1).some((pin) => pin[2].some((lane) => under(lane, id))));

// More faults than these stay closed at first: they would push the lanes out of sight.
const FAULTS_OPEN = 16;

// At first: what broke or was hit stands open, down to its zones.
function openAtFirst() {
  if (data.promises.some((promise) => promise.word === "BROKEN")) state.open.add("promises");
  if (data.faults.length > 1 && data.faults.length <= FAULTS_OPEN) state.open.add("faults");
  const regions = data.lanes.filter((lane) => lane.kind === "region");
  for (const region of regions) {
    if (data.faults.some((fault) => covers(region, fault)) || touched(region.id)) state.open.add(region.id);
    for (const az of region.lanes.filter((lane) => lane.lanes.length)) {
      // A fault of a whole region leaves its zones closed: they all look alike.
      const deep = data.faults.some((fault) => covers(az, fault) && !hit(region, fault)) || touched(az.id);
      if (deep && data.faults.length <= 4) state.open.add(az.id);
    }
  }
  // With nothing to see anywhere, show what there is.
  if (!regions.some((lane) => state.open.has(lane.id)) && regions.length) state.open.add(regions[0].id);
}

function visible(lanes) {
  return lanes.flatMap((lane) => [lane, ...(state.open.has(lane.id) ? visible(lane.lanes) : [])]);
}

// Drawing.

function draw() {
  waiting = false;
  const full = plot.clientWidth, gutter = full < 560 ? 118 : 212;
  scale = new Scale(state.from, state.to, gutter, full - gutter - 12);
  let y = 6;
  rows = visible(top_lanes).map((lane) => {
    const row = { lane, y, h: HEIGHTS[lane.kind] };
    y += row.h;
    return row;
  });
  drawAxis(full, gutter);
  const body = rows.map((row) => drawRow(row, full, gutter)).join("");
  const lines = scale.ticks().map((t) => line("grid", scale.x(t), 0, y)).join("") +
    (scale.shows(data.span) ? line("end", scale.x(data.span), 0, y) : "");
  const moment = state.moment !== null && scale.shows(state.moment) ? line("moment", scale.x(state.moment), 0, y) : "";
  const held = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.key : "";
  chart.setAttribute("viewBox", `0 0 ${full} ${y + 6}`);
  chart.setAttribute("height", y + 6);
  chart.innerHTML = patterns() + backs(full) + lines + washes() + moment + body;
  if (held && !document.activeElement.dataset.key) {
    const again = chart.querySelector(`[data-key="${CSS.escape(held)}"]`);
    if (again) again.focus({ preventScroll: true });
  }
}

const line = (cls, x, y0, y1) => `<line class="${cls}" x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${y0}" y2="${y1}"/>`;
const redraw = () => { if (!waiting) { waiting = true; requestAnimationFrame(draw); } };

function drawAxis(full, gutter) {
  axis.setAttribute("viewBox", `0 0 ${full} 26`);
  axis.setAttribute("height", 26);
  let out = text(10, 17, full < 560 ? "lane" : "lane / virtual time", "dim"), last = -99;
  for (const t of scale.ticks()) {
    const x = scale.x(t);
    if (x - last < 46) continue;
    last = x;
    // The last one may stand at the very edge.
    const end = x > full - 24;
    out += text(end ? full - 4 : x, 17, span(t), "axis-text", `text-anchor="${end ? "end" : "middle"}"`) + line("rule", x, 21, 26);
  }
  axis.innerHTML = out;
}

// Backgrounds lie lowest, so that the grid and the faults' washes show over them.
function backs(full) {
  return rows.map(({ lane, y, h }) => lane.depth === 0
    ? `<rect x="0" y="${y}" width="${full}" height="${h}" style="fill:var(--row)"/>` : "").join("");
}

// A fault lies over every visible lane that it hits; over a closed one that hides such a lane, too.
function washes() {
  let out = "";
  data.faults.forEach((fault, index) => {
    const place = scale.cut(fault.begin, fault.end);
    if (!place) return;
    for (const { lane, y, h } of rows) {
      if (lane.kind === "promise" || lane.kind === "promises" || lane.kind === "fault" || lane.kind === "faults") continue;
      const inside = hit(lane, fault), hides = !state.open.has(lane.id) && covers(lane, fault);
      if (inside || hides)
        out += `<rect class="wash" x="${place[0].toFixed(1)}" y="${y}" width="${place[1].toFixed(1)}" height="${h}" ` +
          `style="${faultStyle(index)};stroke:none;opacity:.6"/>` +
          [fault.begin, fault.end].filter((t) => scale.shows(t)).map((t) => `<line class="wash" ` +
            `x1="${scale.x(t).toFixed(1)}" x2="${scale.x(t).toFixed(1)}" y1="${y}" y2="${y + h}" ` +
            `style="stroke:var(--fault-${index % FAULT_LOOKS});stroke-width:1.5"/>`).join("");
    }
  });
  return out;
}

function drawRow({ lane, y, h }, full, gutter) {
  const indent = 8 + lane.depth * (gutter < 150 ? 8 : 14), bold = lane.depth === 0;
  const drawn = DRAW[lane.kind] ? DRAW[lane.kind](lane, data, scale, y, h) : drawGroup(lane, y, h);
  const twist = lane.lanes.length ? (state.open.has(lane.id) ? "▾ " : "▸ ") : "";
  const second = drawn.note && h >= 30, size = bold ? 6.9 : 6.3, wanted = (twist.length + lane.label.length) * size;
  // A note beside a label gives way to it.
  const note = drawn.note && (second || gutter - indent - 12 - drawn.note.length * 5.6 > wanted) ? drawn.note : "";
  const room = gutter - indent - 6 - (note && !second ? note.length * 5.6 : 0);
  let label = text(indent, second ? y + h / 2 - 2 : y + h / 2 + 4, clip(twist + lane.label, room, size), bold ? "region-text" : "");
  if (second) label += text(indent, y + h / 2 + 11, clip(note, gutter - indent - 4, 5.6), "dim");
  else if (note) label += text(gutter - 6, y + h / 2 + 4, note, "dim", 'text-anchor="end"');
  const marks = (state.chosen === lane.id ? " chosen" : "") + (state.named.has(lane.id) ? " named" : "");
  const open = lane.lanes.length ? ` aria-expanded="${state.open.has(lane.id)}"` : "";
  const said = lane.note ? `${lane.label}, ${lane.note}` : lane.label;
  return `<g class="lane ${lane.kind}${marks}" tabindex="0" role="button" aria-label="${safe(said)}"${open} ` +
    `data-key="${safe(lane.id)}" data-lane="${safe(lane.id)}">` +
    `<rect class="back" x="0" y="${y}" width="${full}" height="${h}"/>${label}${drawn.svg}` +
    `<rect class="frame" x="1.5" y="${y + 0.5}" width="${full - 3}" height="${h - 1}" rx="3"/></g>` + (drawn.over || "");
}

function drawGroup(lane, y, h) {
  if (lane.kind === "promise") return { svg: "", over: pins(pinsOf(lane.promise), y, h) };
  if (lane.kind === "fault") return { svg: "", over: band(lane, y, h) };
  if (lane.kind === "faults") return { svg: "", note: many(lane.lanes.length),
    over: state.open.has(lane.id) ? "" : lane.lanes.map((inner) => band(inner, y, h)).join("") };
  if (lane.kind === "promises") {
    const broken = data.promises.filter((promise) => promise.word === "BROKEN");
    return { svg: "", note: broken.length ? `${broken.length} BROKEN` : "none broken",
      over: state.open.has(lane.id) ? "" : pins(broken.flatMap(pinsOf), y, h) };
  }
  // A closed region shows the outcomes of its calls in short.
  const inner = lane.lanes.find((each) => each.kind === "calls");
  if (!inner || state.open.has(lane.id)) return { svg: "" };
  return { svg: DRAW.calls(inner, data, scale, y, h).svg };
}

function band(lane, y, h) {
  const place = scale.cut(lane.fault.begin, lane.fault.end);
  if (!place) return "";
  const said = `${lane.fault.line}: ${span(lane.fault.begin)} – ${span(lane.fault.end)}`;
  // What it is stands beside its band, on the side that has more room, or on the band itself.
  const before = place[0] - scale.left, after = scale.left + scale.width - place[0] - place[1], wide = 6.1;
  const size = lane.fault.line.length * wide, closed = !state.open.has("faults");
  const at = closed ? null : after > size + 12 ? [place[0] + place[1] + 8, "start"]
    : before > size + 12 ? [place[0] - 8, "end"] : null;
  const label = at ? text(at[0], y + h / 2 + 4, lane.fault.line, "dim", `text-anchor="${at[1]}"`) : "";
  return `<g class="fault${state.chosen === lane.id ? " chosen" : ""}" tabindex="0" role="button" aria-label="${safe(said)}" ` +
    `data-key="band/${safe(lane.id)}" data-lane="${safe(lane.id)}"><title>${safe(said)}</title>` +
    `<rect class="edge" x="${place[0].toFixed(1)}" y="${y + 2}" width="${place[1].toFixed(1)}" height="${h - 4}" rx="3" ` +
    `style="${faultStyle(lane.index)}"/>${label}</g>`;
}

const LOOKS = { BROKEN: ["broken", "!"], holds: ["held", "✓"], allowed: ["open", "a"], unchecked: ["open", "?"] };

// Each counterexample has a pin at its time; a promise that held has one where it was judged.
function pinsOf(promise) {
  const times = promise.word === "BROKEN" && promise.pins.length ? promise.pins : [[data.end, promise.detail, []]];
  return times.map(([time, said], index) => ({ promise, time, said, index }));
}

// Pins that would hide each other become one that says how many it stands for; what lies outside
// of the time that is shown waits at the edge.
const PIN_ROOM = 15;
function pins(all, y, h) {
  const groups = [], right = scale.left + scale.width - 2;
  for (const pin of [...all].sort((a, b) => a.time - b.time)) {
    const x = Math.max(scale.left, Math.min(scale.x(pin.time), right)), last = groups[groups.length - 1];
    if (last && x - last.x < PIN_ROOM) last.pins.push(pin);
    else groups.push({ x, pins: [pin] });
  }
  return groups.map((group) => drawPins(group, y, h)).join("");
}

function drawPins({ x, pins: [pin, ...others] }, y, h) {
  const { promise, time, said, index } = pin, all = [pin, ...others], key = `pin/${promise.name}/${index}`;
  const [look, sign] = LOOKS[promise.word] || LOOKS.unchecked, m = y + h / 2;
  const away = all.some((each) => scale.shows(each.time)) ? "" : " away";
  const chosen = all.some((each) => state.chosen === `pin/${each.promise.name}/${each.index}`) ? " chosen" : "";
  const foot = look === "broken" ? `<path d="M${x - 4},${m + 4} L${x},${m + 10} L${x + 4},${m + 4} Z"/>` : "";
  const names = [...new Set(all.map((each) => each.promise.name))].join(", ");
  const when = promise.word === "BROKEN" ? ` at ${span(time)}` : `, judged at ${span(time)}`;
  const until = others.length ? ` and until ${span(all[all.length - 1].time)}, ${all.length} counterexamples` : "";
  const inside = !others.length ? sign : all.length > 9 ? "9+" : String(all.length);
  return `<g class="pin ${look}${away}${chosen}" tabindex="0" role="button" ` +
    `aria-label="${safe(`${promise.word}: ${names}${when}${until}`)}" data-key="${safe(key)}" data-pin="${safe(promise.name)}" data-index="${index}">` +
    `<title>${safe(`${promise.word} ${names}${when}${until}: ${said}`)}</title>${foot}` +
    `<circle cx="${x.toFixed(1)}" cy="${m}" r="7"/>${text(x, m + 4, inside, inside.length > 1 ? "few" : "")}</g>`;
}

// The panel.

const button = (id, label) => `<button class="link" data-go="${safe(id)}">${safe(label)}</button>`;
const list = (items) => `<ol>${items.map(([time, said]) =>
  `<li><time>${time === "" ? "" : safe(typeof time === "number" ? span(time) : time)}</time><span>${safe(said)}</span></li>`).join("")}</ol>`;

function show(title, body) {
  panel.innerHTML = `<header><h3>${safe(title)}</h3><button class="close" aria-label="Close">×</button></header>${body}`;
  const was = stage.classList.contains("open");
  panel.hidden = false;
  stage.classList.add("open");
  panel.scrollTop = 0;
  if (!was) draw(); else redraw();
}

function close() {
  Object.assign(state, { chosen: "", named: new Set(), moment: null });
  panel.hidden = true;
  stage.classList.remove("open");
  draw();
}

function reveal(id) {
  for (let lane = data.byId[id] && data.byId[id].above; lane; lane = lane.above) state.open.add(lane.id);
}

function choosePin(name, index) {
  const promise = data.promises.find((each) => each.name === name), pin = promise.pins[index];
  Object.assign(state, { chosen: `pin/${name}/${index}`, named: new Set(pin ? pin[2] : []), moment: pin ? pin[0] : null });
  if (!pin) {
    show(name, `<p><span class="word ${promise.word}">${promise.word}</span>, ${many(promise.checked)} checks</p>` +
      `<p>${safe(promise.detail)}</p>` + promise.excused.map((said) => `<p class="soft">allowed: ${safe(said)}</p>`).join(""));
    return;
  }
  pin[2].forEach(reveal);
  if (!scale.shows(pin[0])) centre(pin[0]);
  const during = data.faults.filter((fault) => fault.begin <= pin[0] && pin[0] < fault.end);
  const before = data.faults.filter((fault) => fault.end <= pin[0]);
  const after = data.faults.filter((fault) => fault.begin > pin[0]);
  const others = promise.pins.length > 1 ? `<h3>All counterexamples kept (${promise.pins.length})</h3>` +
    promise.pins.map((each, i) => `<button class="link" data-pin="${safe(name)}" data-index="${i}"` +
      `${i === index ? ' aria-current="true"' : ""}>${i + 1}. at ${safe(span(each[0]))}</button>`).join("") : "";
  show(name, `<p><span class="word BROKEN">BROKEN</span> at <b>${safe(span(pin[0]))}</b> of virtual time</p>` +
    `<p class="counter">${safe(pin[1])}</p>` +
    (pin[2].length ? `<h3>Lanes it names</h3>${pin[2].map((id) => button(id, id.replace("/~", " "))).join("")}` : "") +
    `<h3>Faults at that time</h3>` + (during.length ? list(during.map((f) => [f.begin, f.line])) : "<p class=\"soft\">none was active</p>") +
    (before.length ? `<h3>Faults before it</h3>${list(before.map((f) => [f.end, `healed: ${f.line}`]))}` : "") +
    // A call may lose its record long after it was answered.
    (after.length ? `<h3>Faults after it</h3>${list(after.map((f) => [f.begin, f.line]))}` : "") + others);
}

const EVENTFUL = new Set(["actor", "az", "region"]);
const ABOUT = {
  calls: "How the calls of this region ended, by the time at which they began.",
  latency: "Successful calls: a dot at the median, a bar at the 99th percentile; the scale is logarithmic.",
  audit: "From a call to its record in the trail's bucket: half of the records by the dark part, all by the light one.",
  lost: "Messages that the network lost.",
  az: "What all or some of the actors of one place go through.",
  promises: "What this run was judged by. A pin stands at the time of each counterexample; click it.",
  faults: "What was done to the system, one line of the plan each.",
};

function chooseLane(id) {
  const lane = data.byId[id];
  Object.assign(state, { chosen: id, named: new Set(), moment: null });
  if (lane.kind === "promise") {
    choosePin(lane.promise.name, 0);
    return;
  }
  if (lane.kind === "fault") {
    const spots = lane.fault.places.map((place) => (data.byId[place] ? button(place, place) : `<code>${safe(place)}</code>`));
    show(`Fault ${lane.fault.number}`, `<p><code>${safe(lane.fault.line)}</code></p>` +
      `<p>From <b>${safe(span(lane.fault.begin))}</b> to <b>${safe(span(lane.fault.end))}</b>, for ${safe(span(lane.fault.end - lane.fault.begin))}.</p>` +
      `<h3>It hits</h3>${spots.join(" ")}`);
    return;
  }
  const events = data.events.filter((event) => under(event[1], id));
  const spans = (lane.spans || []).map((s) => [`${span(s[0])}`, `${s[3]} until ${span(s[1])}`]);
  const struck = data.faults.filter((fault) => covers(lane, fault));
  const said = events.map(([time, where, what]) => [time, where === id ? what : `${where.slice(id.length + 1)} ${what}`]);
  const inner = lane.lanes.length && lane.kind !== "promises" && lane.kind !== "faults" ? said.slice(0, 300) : said;
  show(lane.label === id ? id : `${id.replace("/~", " ")}`,
    (ABOUT[lane.kind] ? `<p class="soft">${ABOUT[lane.kind]}</p>` : "") + (lane.note ? `<p>${safe(lane.note)}</p>` : "") +
    (struck.length ? `<h3>Faults that hit it</h3>${list(struck.map((f) => [f.begin, f.line]))}` : "") +
    (spans.length ? `<h3>Stretches</h3>${list(spans)}` : "") +
    (lane.outcomes && lane.outcomes.length ? `<h3>Outcomes</h3>${list(lane.outcomes.map(([name, n]) => [many(n), name]))}` : "") +
    (inner.length ? `<h3>Events</h3>${list(inner)}` : EVENTFUL.has(lane.kind) ? '<p class="soft">Nothing happened here but its work.</p>' : ""));
}

function toggle(id) {
  if (!data.byId[id].lanes.length) return;
  if (!state.open.delete(id)) state.open.add(id);
}

// Moving through time.

function view(from, to) {
  const least = Math.min(50, data.end), width = Math.min(data.end, Math.max(least, to - from));
  state.from = Math.min(Math.max(0, from), data.end - width);
  state.to = state.from + width;
  redraw();
}
function zoom(factor, at) {
  const width = (state.to - state.from) * factor;
  const middle = at === undefined ? state.moment !== null && scale.shows(state.moment) ? state.moment : (state.from + state.to) / 2 : at;
  const share = (middle - state.from) / (state.to - state.from);
  view(middle - width * share, middle + width * (1 - share));
}
const pan = (share) => view(state.from + (state.to - state.from) * share, state.to + (state.to - state.from) * share);
const centre = (time) => { const w = (state.to - state.from) / 2; view(time - w, time + w); };
const fit = () => view(0, data.end);
const ACTIONS = { in: () => zoom(0.5), out: () => zoom(2), left: () => pan(-0.3), right: () => pan(0.3), fit };
const KEYS = { "+": "in", "=": "in", "-": "out", "_": "out", "0": "fit", ArrowLeft: "left", ArrowRight: "right" };
const timeAt = (event) => {
  const box = chart.getBoundingClientRect();
  return state.from + ((event.clientX - box.left - scale.left) / scale.width) * (state.to - state.from);
};

function act(target) {
  const pin = target.closest("[data-pin]"), lane = target.closest("[data-lane]"), go = target.closest("[data-go]");
  if (pin) choosePin(pin.dataset.pin, Number(pin.dataset.index));
  else if (go) { reveal(go.dataset.go); chooseLane(go.dataset.go); }
  else if (lane) {
    const id = lane.dataset.lane;
    if (lane.classList.contains("lane")) toggle(id);
    chooseLane(id);
  }
}

let drag = null;
plot.addEventListener("pointerdown", (event) => {
  drag = event.button === 0 ? { x: event.clientX, from: state.from, moved: false } : null;
});
window.addEventListener("pointermove", (event) => {
  if (!drag) return;
  const by = event.clientX - drag.x;
  if (Math.abs(by) > 4) drag.moved = true;
  const width = state.to - state.from;
  if (drag.moved) view(drag.from - (by / scale.width) * width, drag.from - (by / scale.width) * width + width);
});
window.addEventListener("pointerup", () => setTimeout(() => { drag = null; }));
plot.addEventListener("click", (event) => { if (!drag || !drag.moved) act(event.target); });
plot.addEventListener("dblclick", (event) => zoom(0.4, timeAt(event)));
plot.addEventListener("wheel", (event) => {
  // The bare wheel still scrolls the page: the picture is taller than the window.
  if (event.ctrlKey || event.metaKey) zoom(Math.exp(Math.max(-100, Math.min(100, event.deltaY)) * 0.004), timeAt(event));
  else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) pan((event.deltaX || event.deltaY) * 0.0012);
  else return;
  event.preventDefault();
}, { passive: false });
plot.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (KEYS[event.key]) ACTIONS[KEYS[event.key]]();
  else if (event.key === "Enter" || event.key === " ") act(event.target);
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const all = [...chart.querySelectorAll("[data-key]")], now = all.indexOf(document.activeElement);
    const next = all[now + (event.key === "ArrowDown" ? 1 : -1)];
    if (next) next.focus();
  } else return;
  event.preventDefault();
});
document.addEventListener("keydown", (event) => { if (event.key === "Escape" && !panel.hidden) close(); });
document.addEventListener("click", (event) => {
  if (event.target.closest(".close")) close();
  else if (event.target.closest("[data-act]")) ACTIONS[event.target.closest("[data-act]").dataset.act]();
  else if (!event.target.closest(".plot") && event.target.closest("[data-pin], [data-go]")) {
    act(event.target);
    if (!panel.contains(event.target)) stage.scrollIntoView({ block: "start" });
  }
});
new ResizeObserver(redraw).observe(plot);
openAtFirst();
draw();
