// The journal page: the newest events, in words, filtered by handset and group.
import { get } from "./api.js";
import { clock, has, onLanguage, startWords, t } from "./words.js";

const SHOWN = 300;
const GROUPS = {
  call: ["dial", "hop", "session-end", "event", "event-lost"],
  out: ["send", "refused", "answer", "held", "delivered", "report", "report-lost", "report-dropped"],
  in: ["texted", "text-passed", "text-try", "text-taken", "text-lost", "text-dropped"],
  fault: ["fault", "refused", "report-lost", "text-lost", "event-lost", "report-dropped", "text-dropped"],
};
const HIDDEN = new Set(["seq", "at", "kind", "msisdn", "number", "session", "request", "duplicate", "warning"]);
const byId = (id) => document.getElementById(id);
const events = [];

function what(event) {
  const parts = [];
  for (const [name, value] of Object.entries(event)) {
    if (HIDDEN.has(name) || value === null || value === "" || value?.length === 0) continue;
    parts.push(`${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`);
  }
  return parts.join(" · ");
}

function row(event) {
  const line = document.createElement("tr");
  const cells = [
    clock(new Date(event.at), { timeStyle: "medium" }),
    event.msisdn ?? event.number ?? "",
    has(`event.${event.kind}`) ? t(`event.${event.kind}`) : event.kind,
    event.kind === "hop" ? `${event.text || "∅"} → ${event.answer || event.error}` : what(event),
  ];
  for (const text of cells) line.append(Object.assign(document.createElement("td"), { textContent: text }));
  line.dataset.kind = event.kind;
  return line;
}

function draw() {
  const { msisdn, group } = Object.fromEntries(new FormData(byId("filters")));
  const wanted = events.filter((event) => (!msisdn || (event.msisdn ?? event.number) === msisdn)
    && (!group || GROUPS[group].includes(event.kind)));
  byId("events").replaceChildren(...wanted.slice(-SHOWN).reverse().map(row));
  byId("nothing").hidden = wanted.length > 0;
}

function offerNumbers() {
  const select = byId("filters").elements.msisdn;
  const there = new Set([...select.options].map((option) => option.value));
  for (const { msisdn } of events) {
    if (msisdn && !there.has(msisdn) && there.size < 100) {
      there.add(msisdn);
      select.append(new Option(msisdn, msisdn));
    }
  }
}

async function follow() {
  let since = Math.max(0, (await get("/api/journal?limit=0")).last - 2000);
  for (;;) {
    const page = await get(`/api/journal?since=${since}`);
    since = page.next;
    if (page.events.length) {
      events.push(...page.events);
      events.splice(0, Math.max(0, events.length - 5000));
      offerNumbers();
      draw();
    }
    byId("nothing").hidden = events.length > 0;
    await new Promise((resolve) => { setTimeout(resolve, 2000); });
  }
}

startWords();
onLanguage(draw);
byId("filters").addEventListener("change", draw);
follow();
