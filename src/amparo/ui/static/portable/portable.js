// The portable case: list, facets, item, marks. A classic script, because modules do not load from file://; no network,
// nothing kept outside this window.
"use strict";
const amparo = (() => {
  const PAGE = 100;
  const FACETS = { grade: (row) => [String(row[6])], lead: (row) => row[5], type: (row) => [row[2]], outcome: (row) => [row[4]] };
  const by = (id) => document.getElementById(id);
  // What is read back refuses: a case does not store characters that act on a screen.
  const NOT_IN_NOTES = /(?![\n\t])[\p{Cc}\p{Cs}]/gu;
  const NOT_IN_NAMES = /(?![\u200c\u200d])[\p{Cc}\p{Cs}\p{Cf}\p{Zl}\p{Zp}]/gu;
  const marks = new Map(); // item number -> { id, mark, note }
  const chosen = {};
  const waiting = new Map();
  const details = new Map();
  let index = null;
  let rows = [];
  let parts = 0;
  let found = [];
  let start = 0;
  let open = -1; // place in found
  let unsaved = false;

  const made = (name, text, className) => {
    const node = document.createElement(name);
    if (text !== undefined) node.textContent = text;
    if (className) node.className = className;
    return node;
  };

  const load = (name) => {
    const script = document.createElement("script");
    script.src = `data/${name}.js`;
    document.body.append(script);
  };

  // List ------------------------------------------------------------------------------------------------------------
  const fits = (row, words) =>
    Object.keys(FACETS).every((name) => !chosen[name] || FACETS[name](row).includes(chosen[name])) &&
    (!chosen.mark || marks.get(row[0])?.mark === chosen.mark) &&
    words.every((word) => row[1].toLowerCase().includes(word));

  const narrow = () => {
    const words = by("words").value.toLowerCase().split(/\s+/).filter(Boolean);
    found = [];
    rows.forEach((row, place) => {
      if (row && fits(row, words)) found.push(place);
    });
    start = 0;
    list();
  };

  const list = () => {
    const shown = found.slice(start, start + PAGE);
    by("rows").replaceChildren(...shown.map((place, number) => line(rows[place], start + number)));
    const words = by("number").dataset;
    const reading = parts * index.list < index.items ? `, ${words.loading}` : "";
    by("number").textContent = `${found.length.toLocaleString("en")} ${words.shown}${reading}`;
    by("earlier").hidden = start === 0;
    by("later").hidden = start + PAGE >= found.length;
  };

  const line = (row, place) => {
    const button = made("button");
    const why = row[5].map((kind) => index.titles[kind]).join(", ") || (row[4] === "ok" ? "" : index.outcomes[row[4]]);
    const mark = marks.get(row[0])?.mark;
    const end = made("span", why);
    if (mark) end.append(made("span", `${why ? " · " : ""}${label(mark)}`, "mark"));
    button.append(made("span", index.grades[row[6]]), made("span", row[1], "where"), end);
    button.addEventListener("click", () => show(place));
    const item = made("li");
    item.append(button);
    return item;
  };

  const label = (mark) => document.querySelector(`label[for="m-${mark === "not-relevant" ? "not" : mark}"]`).textContent;

  const facets = () => {
    const names = by("facets").dataset;
    const groups = Object.entries(index.facets).concat([["mark", ["relevant", "not-relevant", "question"].map((mark) => [mark, label(mark), null])]]);
    by("facets").replaceChildren(
      ...groups.flatMap(([name, values]) => {
        if (!values.length) return [];
        const choices = values.map(([value, text, number]) => {
          const button = made("button");
          button.type = "button";
          button.setAttribute("aria-pressed", "false");
          button.append(made("span", text), made("span", number === null ? "" : number.toLocaleString("en"), "n"));
          button.addEventListener("click", () => {
            const on = chosen[name] !== value;
            chosen[name] = on ? value : "";
            for (const each of choices) each.setAttribute("aria-pressed", String(on && each === button));
            closeItem();
            narrow();
          });
          return button;
        });
        return [made("h2", names[name]), ...choices];
      }),
    );
  };

  // Item ------------------------------------------------------------------------------------------------------------
  const show = (place) => {
    open = place;
    const number = found[place];
    const part = Math.floor(number / index.details);
    if (details.has(part)) return fill(rows[number], details.get(part)[number % index.details]);
    waiting.set(part, number);
    load(`details-${part}`);
  };

  const fill = (row, [id, sha256, source, , times, findings, reason, picture]) => {
    hide();
    by("item-number").textContent = row[0];
    by("f-grade").textContent = index.grades[row[6]];
    by("f-type").textContent = index.types[row[2]] === row[2] ? row[2] : `${index.types[row[2]]} (${row[2]})`;
    by("f-sha256").textContent = sha256;
    by("f-size").textContent = row[3] === null ? "" : `${row[3].toLocaleString("en")} ${by("f-size").dataset.bytes}`;
    by("f-times").replaceChildren(...times.map(([field, text]) => made("li", `${field}: ${text}`)));
    by("f-path").textContent = row[1];
    by("f-source").textContent = source;
    by("f-outcome").textContent = [index.outcomes[row[4]], ...reason].join(". ").replace("..", ".");
    const words = by("item").dataset;
    by("findings").replaceChildren(
      ...(findings.length ? findings.map((each) => finding(each, words)) : [made("p", words.none, "quiet")]),
    );
    by("veil").hidden = !picture;
    by("veil").dataset.picture = picture;
    const mine = marks.get(row[0]);
    document.querySelector(`input[name=mark][value="${mine?.mark ?? ""}"]`).checked = true;
    by("note").value = mine?.note ?? "";
    by("item").dataset.id = id;
    by("list").hidden = true;
    by("item").hidden = false;
    by("previous").disabled = open === 0;
    by("next").disabled = open === found.length - 1;
    by("item-title").focus();
    window.scrollTo(0, 0);
  };

  const finding = ([title, sentences, doubts, maker], words) => {
    const card = made("section", undefined, "finding");
    const said = made("ul", undefined, "plain");
    said.append(...sentences.map((each) => made("li", each)));
    card.append(made("h3", title), said);
    if (doubts.length) {
      const more = made("details");
      const all = made("ul");
      all.append(...doubts.map((each) => made("li", each)));
      more.append(made("summary", words.doubts), all);
      card.append(more);
    }
    card.append(made("p", `${words.made} ${maker}`, "quiet small"));
    return card;
  };

  const closeItem = () => {
    if (open < 0) return;
    hide();
    open = -1;
    by("item").hidden = true;
    by("list").hidden = false;
    list();
    by("main").focus();
  };

  // Picture ---------------------------------------------------------------------------------------------------------
  const picture = (how) => {
    const image = made("img");
    image.alt = by("picture").dataset[how];
    image.src = `pictures/${by("veil").dataset.picture}-${how}.png`;
    by("picture").replaceChildren(image);
    by("show").hidden = true;
    by("sharper").hidden = how === "sharp";
    by("hide").hidden = false;
  };

  const hide = () => {
    by("picture").replaceChildren();
    by("show").hidden = false;
    by("sharper").hidden = by("hide").hidden = true;
  };

  // Marks -----------------------------------------------------------------------------------------------------------
  const keep = () => {
    const row = rows[found[open]];
    const mark = document.querySelector("input[name=mark]:checked").value;
    if (mark) marks.set(row[0], { id: by("item").dataset.id, mark, note: by("note").value.trim() });
    else marks.delete(row[0]);
    unsaved = true;
    told();
  };

  const told = () => {
    by("unsaved").textContent = unsaved && marks.size ? `${marks.size} ${by("unsaved").dataset.words}` : "";
  };

  const hex = (bytes) => Array.from(new Uint8Array(bytes), (each) => each.toString(16).padStart(2, "0")).join("");
  const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)));

  // The key is made for this file alone and ends with it: what ties it to a person is the call by telephone.
  const save = async () => {
    const words = by("saved").dataset;
    const file = by("manifest").files[0];
    const reviewer = by("reviewer").value.replace(NOT_IN_NAMES, "").trim();
    if (!window.crypto?.subtle) return (by("saved").textContent = words.no);
    if (!file || !reviewer) return (by("saved").textContent = words.need);
    const manifest = await file.arrayBuffer();
    try {
      if (JSON.parse(new TextDecoder().decode(manifest)).about.case_id !== index.case) throw new Error();
    } catch {
      return (by("saved").textContent = words.other);
    }
    const body = JSON.stringify({
      case: index.case,
      manifest: hex(await crypto.subtle.digest("SHA-256", manifest)),
      made: new Date().toISOString(),
      reviewer,
      marks: Array.from(marks, ([item, { id, mark, note }]) => ({ item, id, mark, note: note.replace(NOT_IN_NOTES, "") })),
    });
    const kind = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const pair = await crypto.subtle.generateKey(kind, false, ["sign"]);
    const key = await crypto.subtle.exportKey("raw", pair.publicKey);
    const signature = await crypto.subtle.sign(kind, pair.privateKey, new TextEncoder().encode(body));
    const whole = { format: "amparo-marks", v: 1, body, key: base64(key), signature: base64(signature) };
    const link = made("a");
    link.href = URL.createObjectURL(new Blob([JSON.stringify(whole)], { type: "application/json" }));
    link.download = "marks.json";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    unsaved = false;
    told();
    const name = hex(await crypto.subtle.digest("SHA-256", key)).slice(0, 16).replace(/(.{4})(?=.)/g, "$1 ");
    by("saved").textContent = `${words.key} ${name}`;
  };

  const resume = async (event) => {
    try {
      const read = JSON.parse(JSON.parse(await event.target.files[0].text()).body);
      if (read.case !== index.case) throw new Error();
      const known = new Set(["relevant", "not-relevant", "question"]);
      for (const { item, id, mark, note } of read.marks) if (known.has(mark)) marks.set(Number(item), { id: String(id), mark, note: String(note) });
      by("reviewer").value ||= String(read.reviewer);
      by("saved").textContent = "";
      narrow();
    } catch {
      by("saved").textContent = by("saved").dataset.other;
    }
  };

  by("search").addEventListener("submit", (event) => {
    event.preventDefault();
    closeItem();
    narrow();
  });
  by("earlier").addEventListener("click", () => {
    start -= PAGE;
    list();
  });
  by("later").addEventListener("click", () => {
    start += PAGE;
    list();
  });
  by("back").addEventListener("click", closeItem);
  by("previous").addEventListener("click", () => show(open - 1));
  by("next").addEventListener("click", () => show(open + 1));
  by("show").addEventListener("click", () => picture("blurred"));
  by("sharper").addEventListener("click", () => picture("sharp"));
  by("hide").addEventListener("click", hide);
  by("marks").addEventListener("change", keep);
  by("note").addEventListener("input", keep);
  by("save").addEventListener("click", save);
  by("earlier-marks").addEventListener("change", resume);
  document.addEventListener("visibilitychange", () => document.hidden && hide());
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=radio]), textarea");
    if (event.key === "Escape" || (event.key.toLowerCase() === "h" && !typing && !event.ctrlKey && !event.metaKey)) hide();
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsaved && marks.size) event.preventDefault();
  });
  if (window.matchMedia("(max-width: 44rem)").matches) by("narrow").open = false;

  return {
    index(given) {
      index = given;
      rows = new Array(index.items);
      facets();
      if (index.items) load("list-0");
      else list();
    },
    list(part, given) {
      given.forEach((row, number) => (rows[part * index.list + number] = row));
      parts = part + 1;
      if (parts * index.list < index.items) load(`list-${parts}`);
      if (part === 0 || parts * index.list >= index.items) {
        const place = start;
        narrow();
        start = place;
        if (open < 0) list();
      }
    },
    details(part, given) {
      details.set(part, given);
      const number = waiting.get(part);
      waiting.delete(part);
      if (number !== undefined && found[open] === number) fill(rows[number], given[number % index.details]);
    },
  };
})();
