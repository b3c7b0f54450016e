/* The wall screen: shows one panel after the other, and fetches itself anew once a minute. When the figures
   could not be refreshed (network, server, session), they stay and say since when. Must never ask for a hand. */
(function () {
  "use strict";
  var main = document.getElementById("main"), stale = document.getElementById("stale");
  var turn = Number(main.dataset.turn) * 1000, pause = Number(main.dataset.refresh) * 1000;
  var shown = 0;

  function panels() { return main.querySelectorAll(".panel-wall"); }

  function show() {
    var all = panels();
    Array.prototype.forEach.call(all, function (each, place) { each.hidden = place !== shown % all.length; });
  }

  function mark(reason) {
    stale.textContent = "数据未能更新（" + reason + "），显示的是 " + main.dataset.asOf + " 的情况";
    stale.hidden = false;
  }

  function refresh() {
    fetch(location.href, { credentials: "same-origin", cache: "no-store" }).then(function (answer) {
      if (answer.redirected) { throw new Error("登录已失效"); }
      if (!answer.ok) { throw new Error("服务器暂时不可用"); }
      return answer.text();
    }).then(function (text) {
      var fresh = new DOMParser().parseFromString(text, "text/html").getElementById("main");
      if (!fresh) { throw new Error("页面不完整"); }
      main.replaceChildren.apply(main, Array.prototype.slice.call(fresh.childNodes));
      main.dataset.asOf = fresh.dataset.asOf;
      stale.hidden = true;
      show();
    }).catch(function (error) {
      mark(error instanceof TypeError ? "网络不通" : error.message);
    }).then(function () { setTimeout(refresh, pause); });
  }

  show();
  setInterval(function () { shown += 1; show(); }, turn);
  setTimeout(refresh, pause);
})();
