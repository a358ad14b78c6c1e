"use strict";
// A cross-hair over every chart that has an axis: it reads the rows of the table behind the chart. Pointer, touch and keys.
(() => {
  const NS = "http://www.w3.org/2000/svg";
  const element = (parent, name, attributes) => {
    const made = document.createElementNS(NS, name);
    for (const key in attributes) made.setAttribute(key, attributes[key]);
    return parent.appendChild(made);
  };
  for (const figure of document.querySelectorAll("figure[data-chart]")) {
    const table = document.getElementById(figure.dataset.chart + "-data");
    if (!table) continue;
    const rows = [...table.tBodies[0].rows].filter((row) => row.dataset.at !== undefined);
    const heads = [...table.tHead.rows[0].cells];
    if (rows.length < 2) continue;
    const at = rows.map((row) => +row.dataset.at);
    const axisName = heads[0].textContent;
    const readers = [];
    let now = -1;
    const words = (index) => {
      const cells = [...rows[index].cells];
      const values = cells.slice(1).map((cell, i) => heads[i + 1].innerText.replace(/\s+/g, " ") + " " + cell.textContent);
      return axisName + " " + cells[0].textContent + ": " + values.join(", ");
    };
    const show = (index) => {
      now = Math.max(0, Math.min(rows.length - 1, index));
      for (const reader of readers) reader.draw(now);
    };
    const hide = () => {
      now = -1;
      for (const reader of readers) reader.clear();
    };
    for (const svg of figure.querySelectorAll("svg[data-axis]")) {
      const [kind, from, to, left, right] = svg.dataset.axis.split(" ").map((part, i) => (i ? +part : part));
      const plots = svg.dataset.plots.split(",").map((plot) => plot.split(" ").map(Number));
      const scale = kind === "log" ? Math.log : (value) => value;
      const low = scale(from), high = scale(to);
      const place = (value) => left + ((scale(value) - low) / (high - low)) * (right - left);
      const layer = element(svg, "g", { class: "cross" });
      // What the keyboard and a screen reader hold on to; the picture stays the picture.
      const handle = document.createElement("div");
      handle.className = "reader";
      handle.tabIndex = 0;
      handle.setAttribute("role", "slider");
      handle.setAttribute("aria-label", "Read the values of the chart along its axis: " + axisName);
      handle.setAttribute("aria-valuemin", 0);
      handle.setAttribute("aria-valuemax", rows.length - 1);
      handle.setAttribute("aria-valuenow", 0);
      handle.setAttribute("aria-valuetext", words(0));
      svg.parentNode.appendChild(handle);
      const clear = () => layer.replaceChildren();
      const box = (x, lines, [top, bottom]) => {
        const group = element(layer, "g", {});
        const size = 125, gap = 165;
        const texts = lines.map(([line, kind], i) => {
          const text = element(group, "text", { class: "plain " + kind, "font-size": size, y: i * gap });
          text.textContent = line;
          return text;
        });
        const width = Math.max(...texts.map((text) => text.getComputedTextLength()));
        const start = x + width + 260 < right + 80 ? x + 130 : x - width - 130;
        const height = lines.length * gap;
        const y = Math.max(0, Math.min(top - 20, bottom - height)) + 130;
        texts.forEach((text, i) => { text.setAttribute("x", start); text.setAttribute("y", y + i * gap); });
        const ground = element(group, "rect", { class: "ground", x: start - 60, y: y - 135, width: width + 120, height: height + 40, rx: 40 });
        group.insertBefore(ground, group.firstChild);
      };
      const draw = (index) => {
        clear();
        const x = Math.max(left, Math.min(right, place(at[index])));
        const cells = rows[index].cells;
        const top = plots[0][0], bottom = plots[plots.length - 1][1];
        element(layer, "line", { class: "hair", x1: x, x2: x, y1: top, y2: bottom });
        plots.forEach((plot, number) => {
          const lines = heads.flatMap((head, i) => i && +head.dataset.plot === number
            ? [[head.dataset.short + " " + cells[i].textContent, head.className]] : []);
          if (number === 0) lines.unshift([cells[0].textContent, "when"]);
          if (lines.length) box(x, lines, plot);
        });
        handle.setAttribute("aria-valuenow", index);
        handle.setAttribute("aria-valuetext", words(index));
      };
      const nearest = (event) => {
        const bounds = svg.getBoundingClientRect();
        const x = ((event.clientX - bounds.left) / bounds.width) * svg.viewBox.baseVal.width;
        let best = 0;
        at.forEach((value, i) => { if (value >= from && place(value) <= x + 1) best = i; });
        return best;
      };
      const last = at.reduce((most, value, i) => (value <= to ? i : most), 0);
      const first = Math.max(0, at.findIndex((value) => value >= from));
      handle.addEventListener("pointermove", (event) => show(nearest(event)));
      handle.addEventListener("pointerdown", (event) => show(nearest(event)));
      handle.addEventListener("pointerleave", () => { if (document.activeElement !== handle) hide(); });
      handle.addEventListener("focus", () => { if (now < 0) show(first); });
      handle.addEventListener("blur", hide);
      handle.addEventListener("keydown", (event) => {
        const steps = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 10, PageDown: -10 };
        if (event.key in steps) show(Math.max(first, Math.min(last, now + steps[event.key])));
        else if (event.key === "Home") show(first);
        else if (event.key === "End") show(last);
        else if (event.key === "Escape") hide();
        else return;
        event.preventDefault();
      });
      readers.push({ draw: (index) => { if (svg.getBoundingClientRect().width) draw(index); }, clear });
    }
    if (readers.length) figure.classList.add("read");
  }
})();
