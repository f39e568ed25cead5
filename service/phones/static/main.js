// The phones page: makes the handsets, then waits for news of them.
import { get, post } from "./api.js";
import { drawStatus, drawTimer } from "./draw.js";
import { Faults } from "./faults.js";
import { Phone } from "./phone.js";
import { startWords, t } from "./words.js";

const byId = (id) => document.getElementById(id);
const phones = new Map();
let codes;

function take(handsets) {
  for (const data of handsets) {
    const known = phones.get(data.msisdn);
    if (known) known.update(data);
    else {
      const phone = new Phone(data, codes);
      phones.set(data.msisdn, phone);
      byId("row").append(phone.root);
      watch.observe(phone.root);
    }
  }
  drawTabs();
}

// -- tabs, for screens that hold one handset at a time

let seen = null;
const watch = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.intersectionRatio > 0.6) seen = entry.target;
  drawTabs();
}, { threshold: [0.6, 0.7] });

function drawTabs() {
  const old = new Map([...byId("tabs").children].map((tab) => [tab.dataset.msisdn, tab]));
  for (const [msisdn, phone] of phones) {
    let tab = old.get(msisdn);
    if (!tab) {
      tab = document.createElement("button");
      tab.type = "button";
      tab.dataset.msisdn = msisdn;
      tab.append(document.createElement("span"), document.createElement("b"));
      tab.addEventListener("click", () => {
        phone.root.scrollIntoView({ inline: "center", block: "nearest" });
        phone.e.screen.focus({ preventScroll: true });
      });
      byId("tabs").append(tab);
    }
    const unread = phone.unread().length;
    tab.firstChild.textContent = phone.data.name || phone.data.national;
    tab.lastChild.textContent = unread || "";
    tab.lastChild.hidden = !unread;
    if (seen === phone.root) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
}

// -- news: one request waits at the server until something changes

async function listen(version) {
  let since = version;
  for (;;) {
    try {
      const news = await get(`/api/news?since=${since}&wait=25`);
      since = news.version;
      byId("lost").hidden = true;
      take(news.handsets);
    } catch {
      byId("lost").hidden = false;
      since = 0; // it may be another run by then
      await new Promise((resolve) => { setTimeout(resolve, 1500); });
    }
  }
}

setInterval(() => {
  for (const phone of phones.values()) {
    drawTimer(phone);
    drawStatus(phone);
  }
}, 1000);

// -- adding a handset

function startAdding() {
  const dialog = byId("add");
  const form = dialog.querySelector("form");
  const wrong = form.querySelector(".wrong");
  byId("open-add").addEventListener("click", () => { wrong.textContent = ""; dialog.showModal(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await post("/api/handsets", Object.fromEntries(new FormData(form)));
    if (answer.error) {
      wrong.textContent = t("add-wrong");
      return;
    }
    form.reset();
    dialog.close();
    take([answer]);
    phones.get(answer.msisdn).root.scrollIntoView({ inline: "center", block: "nearest" });
  });
  for (const button of document.querySelectorAll("dialog [data-close]")) {
    button.addEventListener("click", () => button.closest("dialog").close());
  }
}

codes = await get("/api/handsets");
startWords();
startAdding();
new Faults(codes);
take(codes.handsets);
listen(0);
