// Keys and acts of the triage page. Everything here presses a button or follows a link that is on the page anyway.
import { hideAll, SWITCH } from "./reveal.js";

const grid = document.getElementById("tiles");
const panel = document.getElementById("panel");
const acts = document.getElementById("acts");
const said = document.getElementById("said");
const error = document.getElementById("error");
const switchBox = document.getElementById("single-keys");
const GRADES = ["0", "1", "2", "3"];
let loading = null;
let sending = Promise.resolve();
let going = false;

const tiles = () => (grid ? [...grid.querySelectorAll("li > article > a")] : []);
const current = () => grid?.querySelector("a[aria-current]") ?? null;
const keyOf = (link) => link?.closest("li").dataset.content;

function rove() {
  const chosen = current() ?? tiles()[0];
  for (const link of tiles()) link.tabIndex = link === chosen ? 0 : -1;
}

function choose(link, focus = true) {
  if (!link) return;
  for (const other of tiles()) {
    other.removeAttribute("aria-current");
    other.parentElement.classList.remove("current");
  }
  link.setAttribute("aria-current", "true");
  link.parentElement.classList.add("current");
  if (acts) acts.elements.content.value = keyOf(link);
  rove();
  if (focus) link.focus();
  load(link);
}

async function load(link) {
  hideAll();
  loading?.abort();
  loading = new AbortController();
  try {
    const answer = await fetch(link.dataset.panel, { signal: loading.signal });
    if (answer.redirected) return location.reload(); // to log in
    if (!answer.ok) throw new Error(answer.status);
    const text = await answer.text();
    if (link !== current()) return;
    panel.replaceChildren(...parsed(text).childNodes);
    window.htmx?.process(panel);
  } catch (problem) {
    if (problem.name !== "AbortError") panel.replaceChildren();
  }
}

const parsed = (text) => new DOMParser().parseFromString(text, "text/html").body;

function move(step, wanted = () => true) {
  const all = tiles();
  for (let at = all.indexOf(current()) + step; at >= 0 && at < all.length; at += step) {
    if (wanted(all[at])) return choose(all[at]);
  }
}

// One column or several: the next row is the nearest tile below or above.
function moveRow(step) {
  const here = current()?.getBoundingClientRect();
  if (!here) return;
  move(step, (link) => {
    const there = link.getBoundingClientRect();
    return Math.abs(there.left - here.left) < 2 && Math.abs(there.top - here.top) > 2;
  });
}

function send(form, button) {
  const data = new FormData(form, button ?? undefined);
  const act = data.get("act");
  tell(null);
  if (GRADES.includes(act)) move(1); // what is pressed meanwhile is for the next one
  sending = sending.then(() => post(form, data, act));
}

async function post(form, data, act) {
  try {
    const answer = await fetch(form.action, { method: "POST", body: data, headers: { "X-Amparo-Part": "1" } });
    const part = parsed(await answer.text());
    if (answer.ok && part.querySelector("#said")) return show(part, data.get("content"), act);
    if (answer.status === 422) {
      tell([...part.childNodes]);
      return choose(document.querySelector(`#tile-${data.get("content")} a`), false);
    }
  } catch {
    // told below: the connection is gone, or the session has ended
  }
  tell([acts.dataset.lost]);
}

function tell(what) {
  error.replaceChildren(...(what ?? []));
  error.hidden = what === null;
  if (what) error.focus();
}

function show(part, content, act) {
  const chosen = keyOf(current());
  const changed = [...part.querySelectorAll("li[id]")].filter((fresh) => document.getElementById(fresh.id));
  const inGrid = document.activeElement === document.body || Boolean(document.activeElement.closest("#tiles, #acts"));
  for (const fresh of [part.querySelector("#queues"), ...changed]) document.getElementById(fresh.id).replaceWith(fresh);
  said.textContent = part.querySelector("#said").textContent;
  const next = act === "undo" && changed.length ? changed[0].dataset.content : chosen;
  const link = document.querySelector(`#tile-${next} a`);
  // The panel is loaded again where what it tells has changed; otherwise the next one was loaded at the key press.
  if (link && (act === "undo" || next === content)) choose(link, inGrid);
  else rove();
}

// Each person may change the keys; the page says which they are. An empty one is switched off.
const map = document.getElementById("all-keys").dataset;
const KEYS = {
  [map.next]: () => move(1), [map.previous]: () => move(-1),
  [map.nextGroup]: () => move(1, (link) => Number(link.closest("li").dataset.alike) > 1),
  [map.previousGroup]: () => move(-1, (link) => Number(link.closest("li").dataset.alike) > 1),
};
const ARROWS = {
  ArrowRight: () => move(document.dir === "rtl" ? -1 : 1), ArrowLeft: () => move(document.dir === "rtl" ? 1 : -1),
  ArrowDown: () => moveRow(1), ArrowUp: () => moveRow(-1),
  Home: () => choose(tiles()[0]), End: () => choose(tiles().at(-1)),
};
const seen = (element) => element.checkVisibility?.() ?? true;

function press(key) {
  const found = [...document.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key);
  if (!found || (!seen(found) && !found.href)) return false;
  found.click();
  return true;
}

function typed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");
  if (typing) return;
  if (event.key in ARROWS) {
    if (!event.target.closest("#tiles")) return;
    ARROWS[event.key]();
    return event.preventDefault();
  }
  if (!switchBox.checked || event.key.length !== 1) return;
  const key = event.key.toLowerCase();
  if (event.shiftKey && key === map.show) return; // sharper while held: reveal.js
  if (going) {
    going = false;
    const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (link) link.click();
    return event.preventDefault();
  }
  if (key === map.goKey) going = true;
  else if (KEYS[key]) KEYS[key]();
  else if (!press(key)) return;
  event.preventDefault();
}

document.addEventListener("keydown", typed);
grid?.addEventListener("click", (event) => {
  const link = event.target.closest("li > article > a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  choose(link);
});
document.addEventListener("submit", (event) => {
  if (!acts || event.target.action !== acts.action) return;
  event.preventDefault();
  send(event.target, event.submitter);
});
switchBox.checked = localStorage.getItem(SWITCH) !== "off";
switchBox.addEventListener("change", () => localStorage.setItem(SWITCH, switchBox.checked ? "on" : "off"));
rove();
