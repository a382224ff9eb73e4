/* Runs before the page is painted, so that a remembered look never flashes into another one. */
(function () {
  "use strict";
  var root = document.documentElement;
  try {
    var theme = localStorage.getItem("sq-theme");
    var size = localStorage.getItem("sq-size");
    if (theme === "dark") root.setAttribute("data-bs-theme", "dark");
    if (size === "elder") root.setAttribute("data-size", "elder");
  } catch (error) {
    /* storage may be forbidden; the light look stays */
  }
})();
