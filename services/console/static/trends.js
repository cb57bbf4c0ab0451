// Draws the table of months as a chart. The table is the page: without a script it is read and printed as it is.
"use strict";

const number = (cell) => Number(cell.textContent.replaceAll(",", ""));

function drawn(table, place) {
  const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const rows = [...table.tBodies[0].rows].filter((row) => row.cells.length === heads.length);
  if (!rows.length) {
    place.remove();
    return;
  }
  const column = (at) => rows.map((row) => number(row.cells[at]));
  const funds = heads.slice(2, -1).map((name, at) => ({
    name, type: "bar", stack: "funds", data: column(at + 2), yAxisIndex: 0,
  }));
  const ink = "#1d2129";
  const bills = { name: heads[1], type: "line", data: column(1), yAxisIndex: 1, symbolSize: 7, color: ink };
  const chart = echarts.init(place, null, { renderer: "canvas" });
  chart.setOption({
    animation: false,
    color: ["#0b4f9e", "#4a8fd6", "#8fbfe8", "#1b5e20", "#6aa56d", "#b26a00", "#7a4fa3", "#b3261e"],
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
    // Drawn on the canvas: a page takes no style that a script writes into it.
    tooltip: { trigger: "axis", renderMode: "richText" },
    legend: { bottom: 0 },
    grid: { left: 16, right: 16, top: 40, bottom: 48, containLabel: true },
    xAxis: { type: "category", data: rows.map((row) => row.cells[0].textContent) },
    yAxis: [
      { type: "value", name: heads.at(-1) },
      { type: "value", name: heads[1], minInterval: 1, splitLine: { show: false } },
    ],
    series: [...funds, bills],
  });
  addEventListener("resize", () => chart.resize());
}

drawn(document.getElementById("trend"), document.getElementById("chart"));
