/* Draws the trend with ECharts in place of the server's SVG, from the JSON beside it. Without it, or when
   anything fails, the SVG stays. Must never fetch anything, and never write markup. */
(function () {
  "use strict";

  function axis(theme, more) {
    return Object.assign({ axisLine: { lineStyle: { color: theme.soft } }, axisTick: { show: false },
      axisLabel: { color: theme.ink, fontSize: 13 } }, more);
  }

  function line(theme, each, position) {
    var look = theme.strokes[position % theme.strokes.length];
    return {
      name: each.name, type: "line", data: each.values, connectNulls: true, animation: false,
      symbol: look.marker, symbolSize: theme.markerSize + 1, itemStyle: { color: look.colour },
      lineStyle: { color: look.colour, width: theme.lineWidth, type: look.dash.length ? look.dash : "solid" }
    };
  }

  function tip(data) {
    return function (found) {
      var index = found[0].dataIndex;
      return [data.labels[index]].concat(data.series.map(function (each) {
        return each.name + " " + each.words[index];
      })).join("\n");
    };
  }

  function draw(figure) {
    var data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
    var place = figure.querySelector(".canvas"), theme = data.theme;
    if (data.labels.length < 2) { return; }
    place.hidden = false;
    var chart = window.echarts.init(place, null, { renderer: "canvas" });
    chart.setOption({
      animation: false,
      aria: { enabled: true, label: { description: figure.querySelector("figcaption").textContent } },
      grid: { left: 52, right: 24, top: 40, bottom: 30 },
      legend: { top: 0, left: 44, itemWidth: 44, textStyle: { color: theme.ink, fontSize: 14 } },
      tooltip: { trigger: "axis", renderMode: "richText", formatter: tip(data), confine: true },
      xAxis: axis(theme, { type: "category", boundaryGap: false, data: data.labels }),
      yAxis: axis(theme, { type: "value", min: data.floor, max: 100, interval: (100 - data.floor) / 4,
        axisLabel: { color: theme.ink, formatter: "{value}%" }, splitLine: { lineStyle: { color: theme.track } } }),
      series: data.series.map(function (each, position) { return line(theme, each, position); })
    });
    figure.querySelector(".drawn").classList.add("replaced");
    window.addEventListener("resize", function () { chart.resize(); });
  }

  window.rectifyTrends = function (root) {
    if (!window.echarts) { return; }
    Array.prototype.forEach.call(root.querySelectorAll("figure.trend"), draw);
  };
  window.rectifyTrends(document);
})();
