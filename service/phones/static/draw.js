// Putting a handset's state into its elements. Texts go in as text, never as HTML.
import { clock, has, t } from "./words.js";

const SILENCE = 30; // seconds; a longer limit stretches the bar

export function drawWho({ data, e, root, codes }) {
  e.name.textContent = data.name || data.national;
  e.number.textContent = data.name ? data.national : "";
  const role = `role.${data.role}`;
  const first = document.createElement("b");
  first.textContent = has(role) ? t(role) : data.role;
  const note = document.createElement("span");
  note.textContent = data.note;
  e.note.replaceChildren(first, " ", note);
  root.dataset.role = data.role;
  root.setAttribute("aria-label", `${data.name} ${data.national}`.trim());
  e.screen.setAttribute("aria-label", `${t("title")}: ${data.name || data.national}`);
  e.coverage.setAttribute("aria-checked", data.coverage);
  e.coverageWord.textContent = t(data.coverage ? "coverage.on" : "coverage.off");
  e.why.textContent = why(data, codes);
  e.why.hidden = !e.why.textContent;
  e.note.hidden = !e.why.hidden;
}

// What a phone would not say, but whoever teaches wants to know.
function why({ ussd, waiting }, codes) {
  if (ussd.error && has(`why.${ussd.error}`)) return t(`why.${ussd.error}`, { code: codes.short_code });
  if (ussd.warning) return t(`why.${ussd.warning}`, { n: ussd.length });
  return waiting ? t("held", { n: waiting }) : "";
}

export function drawStatus(phone) {
  const { data, e } = phone;
  const unread = phone.unread().length;
  e.bars.classList.toggle("none", !data.coverage);
  e.envelope.hidden = !unread;
  e.unread.textContent = unread || "";
  const now = new Date();
  const time = clock(now, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  e.clock.textContent = phone.view() === "idle" ? "" : time;
  e.bigClock.textContent = time;
  e.date.textContent = clock(now, { weekday: "long", day: "numeric", month: "numeric" });
}

export function drawIdle(phone) {
  const { data, e, digits, codes } = phone;
  const unread = phone.unread().length;
  e.time.hidden = Boolean(digits);
  e.dialled.textContent = digits;
  e.dialled.classList.toggle("small", digits.length > 13);
  e.arrived.hidden = !unread || Boolean(digits);
  e.arrived.textContent = t("arrived", { n: unread });
  e.hint.hidden = Boolean(digits);
  e.hint.textContent = data.coverage ? t("idle", { code: codes.short_code }) : t("nosignal");
}

export function drawCall(phone) {
  const { data: { ussd }, e } = phone;
  e.said.textContent = ussd.error ? t(`said.${ussd.error}`) : ussd.screen;
  e.said.hidden = ussd.busy;
  e.waiting.hidden = !ussd.busy;
  e.reply.hidden = !ussd.open || ussd.busy;
  e.timer.hidden = e.reply.hidden;
  e.answer.setAttribute("aria-label", t("answer"));
  drawMode(e.callMode, phone.letters.call);
  drawTimer(phone);
}

export function drawTimer(phone) {
  const { data: { ussd }, e } = phone;
  if (!ussd.open || ussd.busy) return;
  const left = Math.max(0, (phone.endsAt - performance.now()) / 1000);
  e.left.style.transform = `scaleX(${Math.min(1, left / SILENCE)})`;
  e.timer.classList.toggle("short", left <= 10);
  e.seconds.textContent = t("seconds", { n: Math.ceil(left) });
  if (left <= 10 && left > 0 && !phone.warned) {
    phone.warned = true;
    phone.say(t("seconds-left", { n: 10 }));
  }
}

function drawMode(button, letters) {
  const mode = t(letters ? "mode.abc" : "mode.123");
  button.textContent = mode;
  button.setAttribute("aria-label", t("mode.label", { mode }));
}

export function drawList(phone) {
  const rows = phone.listed().map((text, place) => listRow(phone, text, place));
  phone.e.texts.replaceChildren(...rows);
  rows[phone.cursor]?.scrollIntoView({ block: "nearest" });
}

function listRow(phone, text, place) {
  const row = document.createElement("li");
  row.dataset.row = place;
  row.classList.toggle("chosen", place === phone.cursor);
  if (place === phone.cursor) row.setAttribute("aria-current", "true");
  if (!text) {
    row.className += " new";
    row.textContent = t("compose");
    return row;
  }
  const head = document.createElement("b");
  head.textContent = text.direction === "out" ? t("me-to", text) : text.who;
  const body = document.createElement("span");
  body.textContent = text.text;
  row.classList.toggle("unread", text.direction === "in" && !text.read);
  row.classList.toggle("mine", text.direction === "out");
  row.append(head, body);
  if (text.state) {
    const state = document.createElement("em");
    state.textContent = t(`state.${text.state}`);
    row.append(state);
  }
  return row;
}

export function drawRead(phone) {
  const { e } = phone;
  const text = phone.data.texts.find((one) => one.id === phone.open?.id) ?? phone.open;
  if (!text) return;
  e.from.textContent = text.direction === "out" ? t("me-to", text) : t("from", text);
  e.message.textContent = text.text;
  const state = text.state ? ` · ${t(`state.${text.state}`)}` : "";
  e.when.textContent = clock(new Date(text.at), { dateStyle: "short", timeStyle: "short" }) + state;
}

export function drawWrite(phone, count) {
  const { e } = phone;
  drawMode(e.writeMode, phone.letters.write);
  if (phone.trouble) {
    e.count.textContent = t(`said.${phone.trouble}`);
  } else if (count) {
    const room = count.units + count.left;
    const key = count.encoding === "ucs2" ? "count.ucs2" : "count";
    e.count.textContent = t(key, { units: count.units, room, n: count.segments });
  }
}
