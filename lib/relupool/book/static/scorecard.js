/* Choices above the table of claims (table.claims): by source, by verdict, by words. The page holds the whole table, for
   readers without scripts; this hides the rows that were not asked for. A classic script, since modules do not load
   from file://. */
(function () {
  "use strict";
  var VERDICTS = ["true", "partly true", "false", "open"];

  function element(name, attributes, children) {
    var node = document.createElement(name);
    Object.keys(attributes || {}).forEach(function (key) { node.setAttribute(key, attributes[key]); });
    (children || []).forEach(function (child) { node.append(child); });
    return node;
  }

  function choice(label, options) {
    var select = element("select", {}, options.map(function (option) {
      return element("option", { value: option[0] }, [option[1]]);
    }));
    return { select: select, label: element("label", {}, [label + " ", select]) };
  }

  function verdictOf(row) {
    var said = row.cells[1].textContent.trim().toLowerCase();
    return VERDICTS.find(function (verdict) { return said.indexOf(verdict) === 0; }) || "";
  }

  document.querySelectorAll("table.claims").forEach(function (table) {
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    var there = VERDICTS.filter(function (verdict) { return rows.some(function (r) { return verdictOf(r) === verdict; }); });
    var source = choice("Source", [["", "both"], ["A", "the first (A)"], ["B", "the second (B)"]]);
    var verdict = choice("Verdict", [["", "all"]].concat(there.map(function (name) { return [name, name]; })));
    var words = element("input", { type: "search", size: 16, autocomplete: "off" });
    var told = element("output", { "aria-live": "polite" });
    function apply() {
      var asked = words.value.trim().toLowerCase(), left = 0;
      rows.forEach(function (row) {
        var fits = row.cells[0].textContent.trim().indexOf(source.select.value) === 0 &&
          (!verdict.select.value || verdictOf(row) === verdict.select.value) &&
          row.textContent.toLowerCase().indexOf(asked) >= 0;
        row.hidden = !fits;
        if (fits) left += 1;
      });
      told.textContent = left + " of " + rows.length + " claims";
    }
    var form = element("form", { "class": "claims-choice", role: "search", "aria-label": "choose claims" },
      [source.label, verdict.label, element("label", {}, ["Words ", words]), told]);
    form.addEventListener("input", apply);
    form.addEventListener("submit", function (event) { event.preventDefault(); });
    (table.closest(".pst-scrollable-table-container") || table).before(form);
    apply();
  });
})();
