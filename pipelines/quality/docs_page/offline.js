// What the scripts of Data Docs call of jQuery and its tables, as far as its pages need it.
"use strict";
(function () {
  class Found {
    constructor(nodes) { this.nodes = nodes; }
    each(visit) { this.nodes.forEach((node, index) => visit(index, node)); return this; }
    parent() { return new Found(this.nodes.map(node => node.parentElement)); }
    fadeIn() { return this.each((_, node) => { node.style.display = ""; }); }
    fadeOut() { return this.each((_, node) => { node.style.display = "none"; }); }
    bootstrapTable(options) { return this.each((_, node) => fill(node, options)); }
    ready() { return this; }
  }
  function fill(table, { columns, data }) {
    const shown = columns.filter(column => column.field !== "expectation_suite_name");
    const head = table.createTHead().insertRow();
    for (const column of shown) {
      const cell = document.createElement("th");
      cell.textContent = column.title;
      head.append(cell);
    }
    const body = table.createTBody();
    for (const row of data) {
      const line = body.insertRow();
      line.className = "clickable";
      for (const column of shown) {
        const cell = line.insertCell();
        const link = document.createElement("a");
        link.href = row._table_row_link_path;
        link.innerHTML = row[column.field] ?? "";
        cell.append(link);
      }
    }
  }
  window.$ = what => new Found(
    typeof what === "string" ? [...document.querySelectorAll(what)] : [what]
  );
  document.addEventListener("click", event => {
    const link = event.target.closest("a[data-toggle=collapse]");
    if (link) {
      event.preventDefault();
      document.getElementById(link.getAttribute("href").slice(1)).classList.toggle("show");
    }
  });
})();
