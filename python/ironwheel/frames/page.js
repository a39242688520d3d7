(function () {
  "use strict";
  var root = document.querySelector(".iw"), list = root.querySelector(".iw-rows");
  var page = document.documentElement, find = root.querySelector(".iw-search"), status = root.querySelector(".iw-status");
  var rows = Array.prototype.slice.call(list.children), kind = "", sorted = "", down = false;
  var chips = Array.prototype.slice.call(root.querySelectorAll("[data-kind-is]"));
  var heads = Array.prototype.slice.call(root.querySelectorAll("[data-sort]"));
  var theme = root.querySelector(".iw-theme"), all = root.querySelector(".iw-all"), themes = ["auto", "light", "dark"];
  root.classList.add("iw-js");
  heads.forEach(function (head) { head.disabled = false; });

  function keep(name, value) {
    try {
      if (value === undefined) return localStorage.getItem(name);
      localStorage.setItem(name, value);
    } catch (refused) { /* a page in a file or a frame may have no storage */ }
    return null;
  }
  function paint(name) {
    if (name === "auto") page.removeAttribute("data-theme"); else page.setAttribute("data-theme", name);
    theme.textContent = "Theme: " + name;
  }
  paint(themes.indexOf(keep("iw-theme")) > 0 ? keep("iw-theme") : "auto");
  theme.addEventListener("click", function () {
    var next = themes[(themes.indexOf(page.getAttribute("data-theme") || "auto") + 1) % 3];
    keep("iw-theme", next);
    paint(next);
  });

  function show() {
    var words = find.value.toLowerCase().split(/\s+/).filter(Boolean), seen = 0;
    rows.forEach(function (row) {
      var text = row.dataset.words, is = !kind || row.dataset.kind === kind || (kind === "alert" && row.dataset.alerts !== "0");
      var hit = is && words.every(function (word) { return text.indexOf(word) >= 0; });
      row.hidden = !hit;
      if (hit) seen += 1;
    });
    status.textContent = seen === rows.length ? "" : seen ? seen + " of " + rows.length + " columns" : "No column matches.";
    status.hidden = !status.textContent;
  }
  find.addEventListener("input", show);
  chips.forEach(function (chip) {
    chip.addEventListener("click", function () {
      kind = chip.dataset.kindIs;
      chips.forEach(function (one) { one.setAttribute("aria-pressed", String(one === chip)); });
      show();
    });
  });

  function key(row, name) {
    var value = row.dataset[name];
    return name === "words" ? value : Number(value);
  }
  function sort(name) {
    // Names begin with the smallest and figures with the largest; a third click goes back to the table's order.
    var first = name !== "words";
    if (sorted !== name) { sorted = name; down = first; } else if (down === first) { down = !first; } else { sorted = ""; }
    var by = sorted || "place", sign = sorted && down ? -1 : 1;
    rows.sort(function (a, b) {
      var x = key(a, by), y = key(b, by);
      return (x < y ? -sign : x > y ? sign : 0) || a.dataset.place - b.dataset.place;
    });
    var together = document.createDocumentFragment();
    rows.forEach(function (row) { together.appendChild(row); });
    list.appendChild(together);
    heads.forEach(function (head) {
      var on = head.dataset.sort === sorted;
      head.toggleAttribute("data-down", on && down);
      head.toggleAttribute("data-up", on && !down);
      head.setAttribute("aria-pressed", String(on));
    });
  }
  heads.forEach(function (head) { head.addEventListener("click", function () { sort(head.dataset.sort); }); });

  function opened(open) {
    rows.forEach(function (row) { if (!row.hidden) row.open = open; });
    all.textContent = open ? "Close all" : "Open all";
  }
  all.addEventListener("click", function () { opened(all.textContent === "Open all"); });

  function go() {
    var words = decodeURIComponent(location.hash.slice(1));
    if (words.indexOf("search=") === 0) {
      find.value = words.slice(7);
      show();
      return;
    }
    var row = /^c\d+$/.test(words) && document.getElementById(words);
    if (!row) return;
    if (row.hidden) { find.value = ""; if (chips[0]) chips[0].click(); else show(); }
    row.open = true;
    row.scrollIntoView({ block: "start" });
  }
  window.addEventListener("hashchange", go);
  root.addEventListener("click", function (event) {
    var link = event.target.closest && event.target.closest("a.iw-of");
    if (link && link.hash === location.hash) go();
  });
  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !/^(INPUT|TEXTAREA)$/.test(event.target.tagName)) {
      event.preventDefault();
      find.focus();
    } else if (event.key === "Escape" && event.target === find) {
      find.value = "";
      show();
    }
  });
  try { go(); } catch (malformed) { /* a hash that is no text finds nothing */ }
})();
