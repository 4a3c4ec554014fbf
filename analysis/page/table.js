// Sorting, and which points of a sweep the summary shows.

// What has no value stands last, in both directions.
function sortTable(table, column, ascending) {
  const body = table.tBodies[0];
  const key = row => row.cells[column].dataset.v;
  const numeric = [...body.rows].every(row => row.cells[column].classList.contains("n"));
  const rows = [...body.rows].sort((a, b) => {
    const [p, q] = [key(a), key(b)];
    if (p === "" || q === "") return (p === "") - (q === "");
    const order = numeric ? Number(p) - Number(q) : p.localeCompare(q);
    return ascending ? order : -order;
  });
  body.append(...rows);
  for (const [i, head] of [...table.tHead.rows[0].cells].entries())
    head.setAttribute("aria-sort", i === column ? (ascending ? "ascending" : "descending") : "none");
}

function makeSortable(table) {
  [...table.tHead.rows[0].cells].forEach((head, column) =>
    head
      .querySelector("button")
      .addEventListener("click", () => sortTable(table, column, head.getAttribute("aria-sort") !== "ascending")),
  );
}

function showPoint(table, point, every) {
  for (const row of table.tBodies[0].rows) row.hidden = !every && row.dataset.point !== point;
}
