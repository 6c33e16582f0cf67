/* What a page gains with JavaScript: copying numbers, printing, focus on what went wrong, and the word LUNAS in the
   title. Every page works without this file. */
(function () {
  "use strict";
  var root = document.documentElement;
  root.classList.add("js");

  function tell(words) {
    var place = document.getElementById("told");
    if (place) { place.textContent = ""; setTimeout(function () { place.textContent = words; }, 50); }
  }

  function copyByHand(text) {
    var field = document.createElement("textarea");
    field.value = text;
    field.setAttribute("readonly", "");
    field.className = "visually-hidden";
    document.body.appendChild(field);
    field.select();
    var done = document.execCommand("copy");
    field.remove();
    return done;
  }

  function copied(button) {
    var word = button.firstChild, before = word.nodeValue;
    if (before === button.dataset.copied) { return; }
    word.nodeValue = button.dataset.copied;
    tell(button.textContent);
    setTimeout(function () { word.nodeValue = before; }, 2500);
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy]");
    if (button) {
      if (navigator.clipboard && window.isSecureContext) {
        navigator.clipboard.writeText(button.dataset.copy).then(function () { copied(button); });
      } else if (copyByHand(button.dataset.copy)) {
        copied(button);
        button.focus();
      }
    } else if (event.target.closest("[data-print]")) {
      window.print();
    }
  });

  function show() {
    document.querySelectorAll("[data-print][hidden]").forEach(function (button) { button.hidden = false; });
    var bill = document.getElementById("bill");
    var state = document.getElementById("bill-state");
    if (bill && bill.dataset.state === "PAID" && state && document.title.indexOf(state.textContent.trim()) < 0) {
      document.title = state.textContent.trim() + " – " + document.title;
    }
  }

  show();
  var wrong = document.querySelector("[data-focus]");
  if (wrong) { wrong.focus(); }
  var bill = document.getElementById("bill");
  if (bill) { new MutationObserver(show).observe(bill.parentNode, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-state"] }); }
})();
