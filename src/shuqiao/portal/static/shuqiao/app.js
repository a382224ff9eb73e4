/* What pages do beyond links and forms. Everything works without it; buttons that need it are hidden until it runs. */
(function () {
  "use strict";
  var root = document.documentElement;

  /* looks: <button data-sq-toggle="theme|size" hidden> */
  var looks = {
    theme: { attribute: "data-bs-theme", on: "dark", off: "light" },
    size: { attribute: "data-size", on: "elder", off: "" },
  };

  function show(button) {
    var look = looks[button.dataset.sqToggle];
    var on = root.getAttribute(look.attribute) === look.on;
    button.setAttribute("aria-pressed", on ? "true" : "false");
    button.hidden = false;
  }

  function toggle(name) {
    var look = looks[name];
    var value = root.getAttribute(look.attribute) === look.on ? look.off : look.on;
    if (value) root.setAttribute(look.attribute, value);
    else root.removeAttribute(look.attribute);
    try {
      localStorage.setItem("sq-" + name, value);
    } catch (error) {
      /* not remembered, still shown */
    }
    document.querySelectorAll("[data-sq-toggle]").forEach(show);
  }

  /* copy: <button data-sq-copy="#id" hidden> copies the text or value of the element */
  function copy(button) {
    var source = document.querySelector(button.dataset.sqCopy);
    var text = source ? source.value || source.textContent.trim() : "";
    navigator.clipboard.writeText(text).then(function () {
      var label = button.textContent;
      button.textContent = "已复制";
      setTimeout(function () { button.textContent = label; }, 1600);
    });
  }

  /* <form data-sq-guard> asks before half-written work is left */
  var unsaved = false;
  document.addEventListener("input", function (event) {
    if (event.target.closest("[data-sq-guard]")) unsaved = true;
  });
  document.addEventListener("submit", function () { unsaved = false; });
  window.addEventListener("beforeunload", function (event) {
    if (unsaved) event.preventDefault();
  });

  document.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (button && button.dataset.sqToggle) toggle(button.dataset.sqToggle);
    if (button && button.dataset.sqCopy) copy(button);
    if (button && "sqPrint" in button.dataset) window.print();
    document.querySelectorAll("details.sq-pop[open], details.sq-basis[open]").forEach(function (open) {
      if (!open.contains(event.target)) open.open = false;
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.sq-pop[open], details.sq-basis[open]").forEach(function (open) {
      open.open = false;
      open.querySelector("summary").focus();
    });
  });

  /* an article opened near the right edge turns to the left */
  document.addEventListener("toggle", function (event) {
    var article = event.target.open && event.target.matches("details.sq-basis") && event.target.querySelector(".sq-article");
    if (article && article.getBoundingClientRect().right > root.clientWidth) article.classList.add("sq-article--end");
  }, true);

  function prepare(within) {
    within.querySelectorAll("[data-sq-toggle]").forEach(show);
    within.querySelectorAll("[data-sq-print]").forEach(function (button) { button.hidden = false; });
    if (navigator.clipboard) {
      within.querySelectorAll("[data-sq-copy]").forEach(function (button) { button.hidden = false; });
    }
    var wrong = within.querySelector("[data-sq-focus]");
    if (wrong) wrong.focus();
  }
  prepare(document);
  document.addEventListener("htmx:load", function (event) {
    if (event.target !== document.body) prepare(event.target);
  });
})();
