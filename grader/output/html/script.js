"use strict";
(() => {
const all = (box, selector) => [...box.querySelectorAll(selector)];
const toggle = (cells, places, name) => {
  const chosen = new Set(places);
  cells.forEach((cell, i) => cell.classList.toggle(name, chosen.has(i)));
};
const put = (box, selector, text) => { const found = box.querySelector(selector); if (found) found.textContent = text; };

function picture(box) {
  const block = box.querySelector("script[type='application/json']");
  if (!block || box.dataset.ready) return;
  box.dataset.ready = "yes";
  const { steps, columns, first } = JSON.parse(block.textContent);
  const inputs = all(box, ".inputs td"), kernel = all(box, ".kernel td");
  const expected = all(box, ".expected td"), given = all(box, ".given.same td");
  const products = all(box, ".products td"), controls = box.querySelector(".controls");
  const play = box.querySelector(".play"), said = box.querySelector(".said");
  let now = first, timer = 0;

  const show = (at, focus) => {
    if (!steps[at]) return;
    now = at;
    const [place, window, text, value, weights, terms, bias, totals, mine, other] = steps[at];
    toggle(inputs, window, "in");
    toggle(kernel, weights, "in");
    toggle(inputs, other ? other[0] : [], "off");
    toggle(expected, [at], "here");
    toggle(given, [at], "here");
    terms.forEach(([x, w, product], i) => {
      if (!products[i]) return;
      products[i].querySelector("span").textContent = `${x}×${w}`;
      products[i].querySelector("b").textContent = product;
    });
    const list = box.querySelector(".run ol");
    if (list) list.replaceChildren(...totals.map((total) => {
      const item = document.createElement("li");
      item.textContent = total;
      return item;
    }));
    put(box, ".place", place);
    put(box, ".ours .text", text);
    put(box, ".ours .value", value);
    put(box, ".mine", mine);
    const theirs = box.querySelector(".theirs");
    if (theirs) {
      theirs.hidden = !other;
      put(theirs, ".text", other ? other[1] : "");
      put(theirs, ".value", other ? other[2] : "");
    }
    expected.forEach((cell, i) => {
      cell.tabIndex = i === at ? 0 : -1;
      cell.setAttribute("aria-selected", String(i === at));
    });
    if (focus) expected[at].focus();
  };
  const stop = () => {
    clearInterval(timer);
    timer = 0;
    play.textContent = "Play";
    said.setAttribute("aria-live", "polite");
  };
  const move = (by) => {
    for (let i = 1; i <= steps.length; i++) {
      const at = (now + by * i + steps.length * steps.length) % steps.length;
      if (steps[at]) return show(at);
    }
  };
  const keys = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
  box.querySelector(".expected").classList.add("pickable");
  all(box, ".expected table").forEach((table) => {
    table.setAttribute("role", "grid");
    all(table, "tr").forEach((row) => row.setAttribute("role", "row"));
    all(table, "td").forEach((cell) => cell.setAttribute("role", "gridcell"));
  });
  expected.forEach((cell, i) => {
    cell.addEventListener("click", () => { stop(); show(i, true); });
    cell.addEventListener("keydown", (event) => {
      const to = event.key === "Home" ? 0 : event.key === "End" ? steps.length - 1 : now + (keys[event.key] || NaN);
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); stop(); show(i, true); }
      if (!(to >= 0 && to < steps.length)) return;
      event.preventDefault();
      stop();
      show(to, true);
    });
  });
  if (given.length) box.querySelector(".given").classList.add("pickable");
  given.forEach((cell, i) => cell.addEventListener("click", () => { stop(); show(i, true); }));
  controls.hidden = false;
  box.querySelector(".back").addEventListener("click", () => { stop(); move(-1); });
  box.querySelector(".next").addEventListener("click", () => { stop(); move(1); });
  play.addEventListener("click", () => {
    if (timer) return stop();
    play.textContent = "Pause";
    said.setAttribute("aria-live", "off");
    move(1);
    timer = setInterval(() => move(1), 900);
  });
  show(now);
}

function sortable(table) {
  if (table.dataset.ready) return;
  table.dataset.ready = "yes";
  const body = table.tBodies[0], rows = [...body.rows];
  const key = (row, i) => {
    const text = row.cells[i].textContent.trim(), value = parseFloat(text);
    return row.cells[i].classList.contains("number") ? (isNaN(value) ? -1 : value) : text.toLowerCase();
  };
  all(table, "thead th").forEach((head, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const up = head.getAttribute("aria-sort") !== "ascending";
      all(table, "thead th").forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const order = rows.map((row) => [key(row, i), row]);
      order.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0) * (up ? 1 : -1));
      body.append(...order.map(([, row]) => row));
    });
  });
  const search = document.querySelector(".search");
  if (!search) return;
  search.hidden = false;
  search.querySelector("input").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase();
    let shown = 0;
    for (const row of rows) {
      row.hidden = !row.textContent.toLowerCase().includes(wanted);
      shown += !row.hidden;
    }
    search.querySelector("output").textContent = `${shown} of ${rows.length}`;
  });
}

function scrollers() {
  all(document, ".tg .scroll").forEach((box) => {
    if (box.scrollWidth > box.clientWidth + 1) {
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", "scrolls sideways");
    }
  });
}

all(document, ".tg .picture").forEach(picture);
all(document, ".tg table.sortable").forEach(sortable);
scrollers();
addEventListener("resize", scrollers);
addEventListener("toggle", scrollers, true);
})();
