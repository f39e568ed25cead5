// What a handset hears: clicks on its keys, the computer's keyboard, and where the focus is.
import { handset } from "./api.js";

const PAD = "0123456789*#";

export function listen(phone) {
  const { root, e } = phone;
  root.addEventListener("click", (event) => {
    const key = event.target.closest("[data-key]")?.dataset.key;
    if (key) phone.press(key);
  });
  root.addEventListener("keydown", (event) => keydown(phone, event));
  e.reply.addEventListener("submit", (event) => { event.preventDefault(); phone.answer(); });
  e.draft.addEventListener("input", () => phone.count());
  e.coverage.addEventListener("click", () => {
    handset(phone.data.msisdn, "coverage", { on: !phone.data.coverage });
  });
  for (const [name, view] of [["callMode", "call"], ["writeMode", "write"]]) {
    e[name].addEventListener("click", () => {
      phone.letters[view] = !phone.letters[view];
      phone.draw();
    });
  }
  e.texts.addEventListener("click", (event) => {
    const row = event.target.closest("[data-row]");
    if (row) phone.openText(Number(row.dataset.row));
  });
  e.pad.addEventListener("keydown", (event) => roam(e.pad, event));
}

// The computer's keyboard, wherever the focus is inside this handset.
function keydown(phone, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const typing = /^(INPUT|TEXTAREA)$/.test(event.target.tagName);
  const key = typing ? whileTyping(phone, event) : elsewhere(phone, event);
  if (!key) return;
  event.preventDefault();
  phone.press(key);
}

function whileTyping(phone, event) {
  if (event.key === "Escape") return back(phone);
  if (event.key === "Enter" && !event.shiftKey) return "left";
  // a field of one line has no use for these, and the page above it may go on below
  const inCall = phone.view() === "call";
  return inCall ? { ArrowUp: "up", ArrowDown: "down" }[event.key] : null;
}

function elsewhere(phone, event) {
  if (event.key.length === 1) return PAD.includes(event.key) ? event.key : null;
  if (event.key === "Enter" && event.target.tagName !== "BUTTON") {
    return phone.view() === "idle" && phone.digits ? "call" : "left";
  }
  if (event.key === "Escape") return back(phone);
  return { ArrowUp: "up", ArrowDown: "down", Backspace: "clear" }[event.key];
}

function back(phone) {
  if (phone.view() === "idle") return "end";
  return phone.softs()[1] ? "right" : "left";
}

// Arrows walk between the twelve keys, which are one stop for Tab.
function roam(pad, event) {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -3, ArrowDown: 3 }[event.key];
  if (!step) return;
  event.preventDefault();
  event.stopPropagation();
  const keys = [...pad.children];
  const next = keys[keys.indexOf(document.activeElement) + step];
  if (!next) return;
  for (const one of keys) one.tabIndex = one === next ? 0 : -1;
  next.focus();
}

// What had the focus may just have been hidden or disabled; the keyboard must not be lost.
export function keepFocus({ root, e }) {
  const active = document.activeElement;
  if (root.contains(active) && (active.disabled || active.closest("[hidden]"))) {
    e.screen.focus({ preventScroll: true });
  }
}
