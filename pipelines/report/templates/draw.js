(function () {
  "use strict";
  var options = { displayModeBar: false, responsive: true };
  var charts = Array.prototype.slice.call(document.querySelectorAll("[data-figure]"));

  function draw(node) {
    var figure = JSON.parse(document.getElementById(node.dataset.figure).textContent);
    Plotly.newPlot(node, figure.data, figure.layout, options);
  }

  // Paper has another size than the screen; a browser lays a page out for paper only after this
  // event, so the sizes are those that the style sheet gives the charts in print.
  function forPaper() {
    charts.forEach(function (node) {
      var wide = node.classList.contains("matrix");
      Plotly.relayout(node, { width: wide ? 1030 : 192, height: wide ? 300 : 120 });
    });
  }

  function forScreen() {
    charts.forEach(function (node) {
      Plotly.relayout(node, { width: null, height: null, autosize: true });
      Plotly.Plots.resize(node);
    });
  }

  charts.forEach(draw);
  window.addEventListener("beforeprint", forPaper);
  window.addEventListener("afterprint", forScreen);
}());
