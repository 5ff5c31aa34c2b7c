// Looking at a picture: asks with a reason, shows, hides on H, Esc or leaving, and reports how long it was visible.
// Works for every [data-veil] on the page, also for those that are loaded later. Without script the forms work alone.

export const SWITCH = "amparo-single-keys"; // "off": single keys do nothing
const visible = new Map(); // picture -> {veil, since, until, address, token}; until: covered by a sharper one since then
let held = null; // {veil, before} while the keys are held that show it sharper

function report(picture) {
  const shown = visible.get(picture);
  if (!shown) return;
  visible.delete(picture);
  const body = new FormData();
  body.append("csrfmiddlewaretoken", shown.token);
  body.append("seconds", String(Math.min(600, ((shown.until ?? performance.now()) - shown.since) / 1000)));
  navigator.sendBeacon(shown.address, body);
}

function hide(veil) {
  const place = veil.querySelector("[data-veil-place]");
  const picture = place.querySelector("img");
  if (!picture) return false;
  report(picture);
  picture.removeAttribute("src");
  place.replaceChildren(veil.querySelector("[data-veil-hidden]").content.cloneNode(true));
  return true;
}

export function hideAll() {
  let any = false;
  held = null;
  for (const veil of document.querySelectorAll("[data-veil]")) any = hide(veil) || any;
  for (const picture of [...visible.keys()]) report(picture); // whose part of the page was replaced
  if (any && location.search.includes("shown=")) history.replaceState(null, "", location.pathname);
  return any;
}

function tell(veil, words) {
  const told = veil.querySelector("[data-veil-told]");
  told.replaceChildren();
  if (!words) return;
  const box = document.createElement("div");
  box.className = "error-summary";
  const line = document.createElement("p");
  const what = document.createElement("strong");
  what.textContent = words.message;
  line.append(what, " ", words.hint);
  box.append(line);
  told.append(box);
}

function watch(veil, picture, address) {
  const token = veil.querySelector("[name=csrfmiddlewaretoken]").value;
  const begin = () => visible.set(picture, { veil, since: performance.now(), address, token });
  if (picture.complete && picture.naturalWidth) begin();
  else picture.addEventListener("load", begin, { once: true });
}

function show(veil, found, sharp, hold) {
  const place = veil.querySelector("[data-veil-place]");
  if (hold) cover(hold, place);
  const picture = document.createElement("img");
  picture.alt = sharp ? place.dataset.altSharp : place.dataset.alt;
  watch(veil, picture, found.seconds);
  const button = document.createElement("button");
  button.type = "button";
  button.dataset.veilHide = "";
  const key = document.createElement("kbd");
  key.textContent = veil.dataset.keyHide.toUpperCase();
  button.append(place.dataset.hide, ...(veil.dataset.keyHide ? [" ", key] : []));
  picture.src = found.picture;
  place.replaceChildren(picture, button);
  if (!hold) button.focus();
}

// The blurred picture comes back when the keys are let go; meanwhile its time stands still.
function cover(hold, place) {
  hold.before = [...place.childNodes];
  const blurred = visible.get(place.querySelector("img"));
  if (blurred) blurred.until = performance.now();
}

function letGo() {
  if (!held) return;
  const { veil, before } = held;
  held = null;
  if (!before || !veil.isConnected) return; // nothing was shown yet, or the page shows another item
  const place = veil.querySelector("[data-veil-place]");
  const sharp = place.querySelector("img");
  if (sharp) report(sharp);
  sharp?.removeAttribute("src");
  place.replaceChildren(...before);
  const blurred = visible.get(place.querySelector("img"));
  if (!blurred) return;
  blurred.since += performance.now() - blurred.until;
  delete blurred.until;
}

function hold(veil) {
  const form = veil.querySelector("form[data-reveal] [name=sharp]").form;
  if (form.elements.reason.value) {
    held = { veil };
    return look(form, held);
  }
  for (const details of veil.querySelectorAll("details")) details.open = true;
  form.elements.reason.focus();
}

async function look(form, hold = null) {
  const veil = form.closest("[data-veil]");
  const button = form.querySelector("button");
  if (button.disabled) return;
  button.disabled = true;
  if (!hold) hideAll();
  tell(veil, null);
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new FormData(form),
      headers: { Accept: "application/json" },
    });
    if (answer.redirected || !(answer.headers.get("Content-Type") || "").startsWith("application/json")) {
      location.reload(); // logged out, or no longer a member: the page itself says which
      return;
    }
    const found = await answer.json();
    if (!answer.ok) tell(veil, found);
    else if (hold && hold !== held) return; // let go before it came
    else if (veil.isConnected && !document.hidden) show(veil, found, form.elements.sharp?.value === "1", hold);
  } catch {
    tell(veil, { message: veil.dataset.offline, hint: "" });
  } finally {
    button.disabled = false;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-reveal]");
  if (!form) return;
  event.preventDefault();
  look(form);
});

document.addEventListener("click", (event) => {
  if (!event.target.closest("[data-veil-hide]")) return;
  event.preventDefault();
  const veil = event.target.closest("[data-veil]");
  hideAll();
  veil.querySelector("summary").focus();
});

function typing(target) {
  return target.closest?.("input, textarea, [contenteditable]");
}

const shiftWith = (event, key) => event.shiftKey && key && event.key.toLowerCase() === key;

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") hideAll();
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
  const veil = document.querySelector("[data-veil]");
  if (!veil || localStorage.getItem(SWITCH) === "off") return;
  const { keyShow, keyHide } = veil.dataset;
  if (shiftWith(event, keyShow)) {
    event.preventDefault();
    if (!event.repeat && !held) hold(veil);
    return;
  }
  if (event.shiftKey) return;
  if (keyHide && event.key.toLowerCase() === keyHide) hideAll();
  if (keyShow && event.key.toLowerCase() === keyShow && !event.target.closest?.("select")) {
    const details = veil.querySelector(":scope > details");
    event.preventDefault();
    details.open = true;
    details.querySelector("select").focus();
  }
});
document.addEventListener("keyup", (event) => {
  if (held && (event.key === "Shift" || event.key.toLowerCase() === held.veil.dataset.keyShow)) letGo();
});
window.addEventListener("blur", letGo);
document.addEventListener("visibilitychange", () => {
  if (document.hidden) hideAll();
});
window.addEventListener("pagehide", hideAll);

for (const veil of document.querySelectorAll("[data-veil]")) {
  const picture = veil.querySelector("[data-veil-place] img");
  if (picture) watch(veil, picture, picture.dataset.seconds);
}
