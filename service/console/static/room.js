// Looks at the room again every ten seconds and puts in what is new; never a held stream.
// The server is told that nobody pressed anything, so a browser left alone is still signed out.
"use strict";
(() => {
  const EVERY = 10000, PATIENCE = 8000;
  const live = document.getElementById("live"), poll = document.getElementById("poll");
  const heard = document.getElementById("heard");
  if (!live || !poll || !window.fetch) return;
  let timer = 0, at = live.dataset.at, told = "";

  function say(words) {
    if (words !== told) poll.textContent = told = words;
    poll.hidden = !words;
  }

  function swap(fresh) {
    const open = [...live.querySelectorAll("details[open]")].map((one) => one.id);
    const focused = live.contains(document.activeElement) ? document.activeElement.id : "";
    const before = live.querySelector("h1")?.textContent;
    live.replaceChildren(...fresh.childNodes);
    const now = live.querySelector("h1")?.textContent;
    if (now !== before) heard.textContent = now; // read aloud only when it is another sentence
    for (const id of open) if (id) document.getElementById(id)?.setAttribute("open", "");
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  }

  function take(answer, words) {
    if (answer.redirected) return location.reload(); // signed out: it leads to the sign-in page
    const page = new DOMParser().parseFromString(words, "text/html");
    const fresh = page.getElementById("live") || page.getElementById("main");
    if (!fresh) throw new Error("no page");
    at = fresh.dataset.at || at;
    document.title = page.title;
    swap(fresh);
    say("");
  }

  async function look() {
    const stop = new AbortController(), limit = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const answer = await fetch(location.href, {
        headers: { "X-Poll": "1" }, cache: "no-store", signal: stop.signal,
      });
      take(answer, await answer.text());
    } catch {
      say(poll.dataset.lost.replace("{at}", at));
    }
    clearTimeout(limit);
    wait();
  }

  function wait() {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(look, EVERY);
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(timer) : look()));
  wait();
})();
