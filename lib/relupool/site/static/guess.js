/* <guess-first>: choose before the fold opens, then see your guess beside the answer. A classic script, since modules do
   not load from file://. Question, choices and answer are on the page already; comes after site.js. */
(function () {
  "use strict";
  var make = relupool.element;

  customElements.define("guess-first", class extends HTMLElement {
    connectedCallback() {
      if (this.told) return;
      this.fold = this.querySelector("details");
      this.told = make("p", { "class": "told", role: "status" });
      this.fold.before(this.told);
      this.fold.querySelector("summary").textContent = "Just show me";
      this.right = Number(this.dataset.right);
      if (this.dataset.unit === undefined) this.offer(); else this.slide();
    }
    offer() {
      this.choices = Array.from(this.querySelectorAll(".choices > li"));
      this.choices.forEach((choice, place) => {
        var button = make("button", { type: "button" }, Array.from(choice.firstElementChild.childNodes));
        choice.replaceChildren(button);
        button.addEventListener("click", () => {
          if (this.dataset.guess) return;
          this.choices.forEach((other, at) => {
            other.className = at === this.right ? "right" : at === place ? "wrong" : "other";
            other.firstElementChild.setAttribute("aria-disabled", "true");
          });
          button.setAttribute("aria-current", "true");
          this.tell(place, place === this.right ? "Right: " : "Not quite: ");
        });
      });
    }
    slide() {
      var data = this.dataset, low = Number(data.low), high = Number(data.high), unit = "\u00a0" + data.unit;
      var input = make("input", { type: "range", min: low, max: high, value: (low + high) / 2,
        "aria-labelledby": this.id + "-question" });
      var shown = make("span", { "class": "value" }), button = make("button", { type: "button" }, ["That is my guess"]);
      var mark = make("i", { hidden: "", title: "the answer" });
      var update = () => {
        shown.textContent = input.value + unit;
        input.setAttribute("aria-valuetext", input.value + unit);
      };
      mark.style.left = "calc(.6rem + (100% - 1.2rem) * " + (this.right - low) / (high - low) + ")";
      input.addEventListener("input", update);
      button.addEventListener("click", () => {
        if (data.guess) return;
        mark.hidden = false;
        button.setAttribute("aria-disabled", "true");
        input.disabled = true;
        this.tell(input.value, "You said " + input.value + unit + ", it is ");
      });
      update();
      this.told.before(make("div", { "class": "slider" }, [make("span", { "class": "track" }, [input, mark]), shown, button]));
    }
    tell(guess, words) {
      this.dataset.guess = guess;
      this.told.replaceChildren(words, ...this.querySelector(".answer").cloneNode(true).childNodes);
      this.fold.querySelector("summary").textContent = "Why";
      this.fold.open = true;
    }
  });
})();
