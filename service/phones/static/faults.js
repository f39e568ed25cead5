// The panel that switches faults on. A preset is one rule; rules set elsewhere are listed below.
import { get, post, remove } from "./api.js";
import { onLanguage, t } from "./words.js";

const PRESETS = {
  send: {
    hang: { kind: "hang", when: "after", seconds: 60 },
    "cut-before": { kind: "close", when: "before" },
    "cut-after": { kind: "close", when: "after" },
    error: { kind: "error", when: "before", code: 500 },
    throttle: { kind: "throttle" },
    broke: { kind: "no_balance" },
  },
  receipts: {
    "report-lost": { kind: "lost" },
    "report-twice": { kind: "duplicate" },
    "report-order": { kind: "out_of_order" },
    "report-late": { kind: "late", seconds: 30 },
    undelivered: { kind: "undelivered" },
  },
  ussd: {
    "hop-twice": { kind: "duplicate" },
    "hop-late": { kind: "late", seconds: 5 },
    "no-plus": { kind: "no_plus" },
  },
  sms: {
    "sms-twice": { kind: "duplicate" },
    "sms-lost": { kind: "lost" },
  },
  events: { "event-lost": { kind: "lost" } },
};

const byId = (id) => document.getElementById(id);

function fits(rule, place, preset) {
  return rule.place === place && !rule.numbers.length && rule.count === null
    && Object.entries(preset).every(([name, value]) => rule[name] === value);
}

export class Faults {
  constructor(codes) {
    this.codes = codes;
    this.rules = [];
    byId("open-faults").addEventListener("click", () => { this.load(); byId("faults").showModal(); });
    byId("all-off").addEventListener("click", async () => this.take(await remove("/api/faults")));
    onLanguage(() => this.draw());
    this.load();
  }

  async load() { this.take(await get("/api/faults")); }

  take(answer) {
    this.rules = answer.rules;
    this.draw();
  }

  async toggle(place, preset, rule) {
    if (rule) await remove(`/api/faults/${rule.id}`);
    else await post("/api/faults", { place, ...preset, share: Number(byId("share").value) });
    await this.load();
  }

  draw() {
    const known = new Set();
    const groups = Object.entries(PRESETS).map(([place, presets]) => {
      const group = document.createElement("fieldset");
      const legend = document.createElement("legend");
      legend.textContent = t(`place.${place}`, { code: this.codes.short_code });
      group.append(legend);
      for (const [name, preset] of Object.entries(presets)) {
        const rule = this.rules.find((one) => !known.has(one.id) && fits(one, place, preset));
        if (rule) known.add(rule.id);
        group.append(this.row(`preset.${name}`, rule, () => this.toggle(place, preset, rule)));
      }
      return group;
    });
    const held = document.activeElement?.dataset?.preset;
    byId("presets").replaceChildren(...groups);
    if (held) byId("presets").querySelector(`[data-preset="${held}"]`)?.focus();
    const others = this.rules.filter((rule) => !known.has(rule.id));
    byId("others").hidden = !others.length;
    byId("other-list").replaceChildren(...others.map((rule) => this.other(rule)));
    byId("fault-count").hidden = !this.rules.length;
    byId("fault-count").textContent = this.rules.length;
  }

  row(key, rule, toggle) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "switch";
    button.dataset.preset = key;
    button.setAttribute("role", "switch");
    button.setAttribute("aria-checked", Boolean(rule));
    const label = document.createElement("span");
    label.textContent = t(key);
    button.append(document.createElement("i"), label);
    if (rule) {
      const hits = document.createElement("small");
      hits.textContent = t("hits", { n: rule.hits });
      button.append(hits);
    }
    button.addEventListener("click", toggle);
    return button;
  }

  other(rule) {
    const item = document.createElement("li");
    const { id, hits, share, ...rest } = rule;
    const words = Object.entries(rest).filter(([, value]) => value !== null && value !== "" && value?.length !== 0);
    const text = document.createElement("code");
    text.textContent = words.map(([name, value]) => (["place", "kind"].includes(name) ? value : `${name}=${value}`)).join(" ");
    const note = document.createElement("small");
    note.textContent = `${Math.round(share * 100)}% · ${t("hits", { n: hits })}`;
    const off = document.createElement("button");
    off.type = "button";
    off.textContent = t("off");
    off.addEventListener("click", async () => this.take(await remove(`/api/faults/${id}`)));
    item.append(text, note, off);
    return item;
  }
}
