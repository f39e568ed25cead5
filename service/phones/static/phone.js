// One handset: what its keys do and which view its screen shows. The server holds calls and
// texts; only what the user is in the middle of (digits, a draft, a place in the list) lives here.
import { handset, post } from "./api.js";
import { keepFocus, listen } from "./listen.js";
import { Multitap } from "./multitap.js";
import { drawCall, drawIdle, drawList, drawRead, drawStatus, drawWho, drawWrite } from "./draw.js";
import { followMore } from "./more.js";
import { onLanguage, t, translate } from "./words.js";

const PAD = "0123456789*#";
const touch = matchMedia("(pointer: coarse)");

export class Phone {
  constructor(data, codes) {
    this.codes = codes;
    this.root = document.getElementById("phone").content.firstElementChild.cloneNode(true);
    this.e = {};
    for (const one of this.root.querySelectorAll("[data-e]")) this.e[one.dataset.e] = one;
    this.views = [...this.root.querySelectorAll("[data-view]")];
    this.mode = "idle";
    this.digits = "";
    this.cursor = 0;
    this.open = null;
    this.letters = { call: false, write: true };
    this.tap = new Multitap();
    this.trouble = "";
    listen(this);
    this.more = followMore(this);
    onLanguage(() => { translate(this.root); this.draw(); });
    translate(this.root);
    this.update(data);
  }

  // What the server knows of this handset has changed.
  update(data) {
    const before = this.data;
    this.data = data;
    const { ussd } = data;
    if (ussd.open) this.endsAt = performance.now() + ussd.expires_in * 1000;
    const fresh = !before || before.ussd.screen !== ussd.screen || before.ussd.session !== ussd.session
      || before.ussd.open !== ussd.open || before.ussd.busy !== ussd.busy;
    if (before && fresh) this.screenChanged();
    const unread = this.unread().length;
    if (before && unread > before.texts.filter((x) => x.direction === "in" && !x.read).length) {
      this.say(t("arrived", { n: unread }));
    }
    this.draw();
  }

  screenChanged() {
    const { ussd } = this.data;
    if (ussd.busy) return;
    if (ussd.open) {
      this.e.answer.value = "";
      this.warned = false;
    }
    if (ussd.screen) {
      this.say(ussd.error ? t(`said.${ussd.error}`) : ussd.screen);
      this.e.said.scrollTop = 0;
    }
    if (this.hasFocus()) queueMicrotask(() => this.focusField());
  }

  // -- where we are

  view() {
    const { ussd } = this.data;
    return ussd.busy || ussd.open || ussd.screen ? "call" : this.mode;
  }

  unread() { return this.data.texts.filter((x) => x.direction === "in" && !x.read); }
  listed() { return [null, ...this.data.texts.toReversed()]; } // first: a new message
  hasFocus() { return this.root.contains(document.activeElement); }
  field() {
    const view = this.view();
    if (view === "call") return this.data.ussd.open && !this.data.ussd.busy ? this.e.answer : null;
    if (view !== "write") return null;
    return document.activeElement === this.e.to || !this.e.to.value ? this.e.to : this.e.draft;
  }

  // On a touch screen the field is left alone, or its keyboard would cover the phone.
  focusField() {
    const field = this.field();
    (field && !touch.matches ? field : this.e.screen).focus({ preventScroll: true });
  }

  say(text) { this.e.spoken.textContent = text; }

  // -- what the soft keys say and do, by view

  softs() {
    const { ussd } = this.data;
    switch (this.view()) {
      case "call":
        if (ussd.busy) return [null, ["soft.off", () => this.hangUp()]];
        if (ussd.open) return [["soft.send", () => this.answer()], ["soft.off", () => this.hangUp()]];
        return [["soft.close", () => this.hangUp()], null];
      case "list":
        return [["soft.open", () => this.openText()], ["soft.back", () => this.go("idle")]];
      case "read":
        return [["soft.reply", () => this.reply()], ["soft.back", () => this.go("list")]];
      case "write":
        return [["soft.send", () => this.send()], ["soft.back", () => this.go("list")]];
      default:
        if (this.digits) return [["soft.call", () => this.dial(this.digits)], ["soft.clear", () => this.erase()]];
        return [
          [this.unread().length ? "soft.read" : "soft.texts", () => this.go("list")],
          ["soft.quick", () => this.dial(this.codes.short_code)],
        ];
    }
  }

  press(key) {
    this.trouble = "";
    if (PAD.includes(key)) this.type(key);
    else if (key === "left") this.softs()[0]?.[1]();
    else if (key === "right") this.softs()[1]?.[1]();
    else if (key === "up") this.move(-1);
    else if (key === "down") this.move(1);
    else if (key === "clear") this.erase();
    else if (key === "call") this.green();
    else if (key === "end") this.red();
    this.draw();
  }

  type(key) {
    const view = this.view();
    const field = this.field();
    if (field) this.tap.press(field, key, field !== this.e.to && this.letters[view]);
    else if (view === "idle" && this.digits.length < 40) this.digits += key;
  }

  erase() {
    const field = this.field();
    if (field) this.tap.erase(field);
    else this.digits = this.digits.slice(0, -1);
    this.draw();
  }

  move(by) {
    const view = this.view();
    if (view === "list") {
      this.cursor = Math.max(0, Math.min(this.listed().length - 1, this.cursor + by));
      this.say(this.listed()[this.cursor]?.text ?? t("compose"));
    }
    if (view === "call") this.e.said.scrollBy({ top: by * 40 });
    if (view === "read") this.e.message.scrollBy({ top: by * 40 });
  }

  green() {
    const view = this.view();
    if (view === "call") this.softs()[0]?.[1]();
    else if (view === "idle") this.dial(this.digits || this.codes.short_code);
    else if (view === "write") this.send();
  }

  red() {
    if (this.view() === "call") this.hangUp();
    else {
      this.digits = "";
      this.go("idle");
    }
  }

  // -- what goes to the server

  do(what, body) { return handset(this.data.msisdn, what, body); }

  dial(code) {
    this.digits = "";
    this.mode = "idle";
    this.do("dial", { code: code.replace(/\s/g, "") });
  }

  answer() {
    const input = this.e.answer.value;
    this.e.answer.value = "";
    this.do("keys", { input });
  }

  hangUp() { this.do("hang-up"); }

  async send() {
    const to = this.e.to.value.trim();
    const text = this.e.draft.value;
    if (!to || !text) return (to ? this.e.draft : this.e.to).focus();
    const answer = await this.do("sms", { to, text });
    if (answer.error) {
      this.trouble = answer.error;
      this.say(t(`said.${answer.error}`));
      return this.draw();
    }
    this.e.draft.value = "";
    this.cursor = 1;
    return this.go("list");
  }

  async count() {
    const text = this.e.draft.value;
    const count = await post("/api/count", { text });
    if (text === this.e.draft.value) drawWrite(this, count);
  }

  // -- texts

  go(mode) {
    this.mode = mode;
    if (mode === "list") this.cursor = Math.min(this.cursor || (this.data.texts.length ? 1 : 0), this.listed().length - 1);
    if (mode === "idle") this.cursor = 0;
    this.draw();
    if (this.hasFocus()) this.focusField();
  }

  openText(place = this.cursor) {
    this.cursor = place;
    const text = this.listed()[place];
    if (!text) return this.compose(this.codes.sms_code);
    this.open = text;
    this.e.message.scrollTop = 0;
    if (!text.read) this.do("read", { ids: [text.id] });
    this.say(text.text);
    return this.go("read");
  }

  reply() {
    const { from, to, who } = this.open;
    this.compose(/^\+?\d+$/.test(from ?? to) ? who : this.codes.sms_code);
  }

  compose(to) {
    this.e.to.value = to;
    this.go("write");
    (touch.matches ? this.e.screen : this.e.draft).focus({ preventScroll: true });
    this.count();
  }

  draw() {
    const view = this.view();
    for (const one of this.views) one.hidden = one.dataset.view !== view;
    drawWho(this);
    drawStatus(this);
    ({ idle: drawIdle, call: drawCall, list: drawList, read: drawRead, write: drawWrite })[view](this);
    this.root.dataset.shows = view;
    const [left, right] = this.softs();
    for (const [soft, word, button] of [[left, "leftWord", "left2"], [right, "rightWord", "right2"]]) {
      this.e[word].textContent = soft ? t(soft[0]) : "";
      this.e[button].setAttribute("aria-label", soft ? t(soft[0]) : "–");
      this.e[button].disabled = !soft;
    }
    keepFocus(this);
    this.more();
  }
}
