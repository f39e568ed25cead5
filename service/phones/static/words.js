// Every word of the pages, in Vietnamese and English. A key missing in one shows as the key itself.
const VI = {
  title: "Điện thoại thử", dial: "Gọi", text: "Nhắn tin tới", tools: "Công cụ", handsets: "Các máy",
  add: "Thêm máy", faults: "Sự cố", journal: "Nhật ký", cancel: "Thôi", close: "Đóng",
  disconnected: "Mất liên lạc với máy chủ thử. Đang nối lại…",
  "add-number": "Số điện thoại", "add-name": "Tên (không bắt buộc)", "add-role": "Vai",
  "add-wrong": "Số này không đúng. Ví dụ: 0900 000 010.",
  "role.villager": "Người dân", "role.leader": "Tổ trưởng", "role.deputy": "Tổ phó",
  "role.member": "Thành viên tổ", "role.official": "Cán bộ", "role.operator": "Người trực máy",
  "coverage.on": "Có sóng", "coverage.off": "Mất sóng", held: "{n} tin đang chờ máy có sóng",
  idle: "Bấm số rồi phím xanh, hoặc phím phải để gọi {code}", nosignal: "Không có sóng",
  arrived: "{n} tin mới", waiting: "Đang chờ…", answer: "Trả lời", seconds: "{n} giây",
  "seconds-left": "Còn {n} giây để trả lời", to: "Tới", message: "Nội dung tin nhắn",
  "mode.123": "123", "mode.abc": "abc", "mode.label": "Phím số gõ: {mode}",
  count: "{units}/{room} · {n} tin", "count.ucs2": "{units}/{room} · {n} tin · có dấu",
  compose: "Soạn tin mới", "me-to": "Gửi {who}", from: "Từ {who}",
  "state.sending": "đang gửi", "state.taken": "đã tới tổng đài", "state.failed": "không gửi được",
  "soft.texts": "Tin nhắn", "soft.read": "Đọc", "soft.quick": "Gọi tổ", "soft.clear": "Xóa",
  "soft.send": "Gửi", "soft.off": "Tắt", "soft.close": "Đóng", "soft.open": "Mở",
  "soft.back": "Về", "soft.reply": "Trả lời", "soft.wait": "", "soft.call": "Gọi",
  "key.call": "Phím gọi", "key.end": "Phím tắt", "key.up": "Lên", "key.down": "Xuống",
  "key.clear": "Xóa một ký tự", "key.pad": "Bàn phím số",
  "said.no_coverage": "Không có sóng.", "said.lost_coverage": "Mất sóng.",
  "said.unknown_code": "Sự cố kết nối hoặc mã MMI không hợp lệ.",
  "said.gateway_late": "Sự cố kết nối hoặc mã MMI không hợp lệ.",
  "said.gateway_down": "Sự cố kết nối hoặc mã MMI không hợp lệ.",
  "said.bad_answer": "Sự cố kết nối hoặc mã MMI không hợp lệ.",
  "said.silence": "Hết giờ. Cuộc gọi đã ngắt.", "said.session_limit": "Hết giờ. Cuộc gọi đã ngắt.",
  "said.unknown_number": "Không gửi được: số máy không có thật ở đây.",
  "why.no_coverage": "Máy đang mất sóng: bật sóng rồi gọi lại.",
  "why.lost_coverage": "Máy mất sóng giữa cuộc gọi.",
  "why.unknown_code": "Chỉ {code} là mã của dịch vụ.",
  "why.gateway_late": "Dịch vụ không trả lời trong 10 giây.",
  "why.gateway_down": "Không nối được tới dịch vụ. Dịch vụ có đang chạy không?",
  "why.bad_answer": "Dịch vụ trả lời sai mẫu (phải bắt đầu bằng CON hoặc END).",
  "why.silence": "Người gọi im lặng 30 giây nên mạng ngắt máy.",
  "why.session_limit": "Cuộc gọi dài quá 3 phút nên mạng ngắt máy.",
  "why.long": "Trang này {n} ký tự: có mạng cắt ở 160.",
  "why.too_long": "Trang này {n} ký tự: dài hơn mức mạng chở được.",
  "why.special": "Trang này có ký tự mà máy phím bấm thường không hiện.",
  "faults-about": "Bật một sự cố để xem dịch vụ chịu được không. Mọi thứ ở đây chỉ là thử.",
  share: "Xảy ra", "share.always": "lần nào cũng vậy", "share.third": "một trong ba lần",
  "share.rare": "một trong mười sáu lần", "other-rules": "Đang bật từ nơi khác",
  "all-off": "Tắt hết", off: "Tắt", hits: "đã xảy ra {n} lần",
  "place.send": "Khi dịch vụ gửi tin", "place.receipts": "Báo phát của tin",
  "place.ussd": "Cuộc gọi {code}", "place.sms": "Tin người dân gửi", "place.events": "Báo kết thúc cuộc gọi",
  "preset.hang": "Nhà mạng nhận tin, nhưng không trả lời", "preset.cut-before": "Ngắt mạng trước khi nhận tin",
  "preset.cut-after": "Ngắt mạng sau khi nhận tin", "preset.error": "Nhà mạng báo lỗi 500",
  "preset.throttle": "Nhà mạng báo gửi quá nhanh", "preset.broke": "Hết tiền",
  "preset.report-lost": "Không có báo phát", "preset.report-twice": "Báo phát đến hai lần",
  "preset.report-order": "Báo phát đến ngược thứ tự", "preset.report-late": "Báo phát muộn 30 giây",
  "preset.undelivered": "Tin không tới máy",
  "preset.hop-twice": "Mỗi bước gọi tới dịch vụ hai lần", "preset.hop-late": "Mỗi bước chậm 5 giây",
  "preset.no-plus": "Số máy mất dấu +", "preset.sms-twice": "Tin đến tổng đài hai lần",
  "preset.sms-lost": "Tin không đến tổng đài", "preset.event-lost": "Không báo khi cuộc gọi kết thúc",
  "journal-about": "Mọi thứ mạng thử đã nhận, gửi và báo; mới nhất ở trên.",
  "back-to-phones": "Về trang điện thoại", "journal-number": "Số máy", "journal-kind": "Loại",
  "journal-time": "Lúc", "journal-what": "Việc", "journal-empty": "Chưa có gì. Hãy gọi hoặc nhắn tin từ một máy.",
  all: "tất cả", "group.call": "cuộc gọi", "group.out": "tin dịch vụ gửi", "group.in": "tin người dân gửi", "group.fault": "sự cố",
  "event.start": "Bắt đầu", "event.dial": "Gọi", "event.hop": "Bước gọi", "event.session-end": "Hết cuộc gọi",
  "event.event": "Báo hết cuộc gọi", "event.event-lost": "Báo hết cuộc gọi bị mất", "event.send": "Nhận gửi",
  "event.refused": "Từ chối", "event.answer": "Trả lời dịch vụ", "event.held": "Chờ có sóng", "event.delivered": "Tới máy",
  "event.report": "Báo phát", "event.report-lost": "Báo phát bị mất", "event.report-dropped": "Thôi báo phát",
  "event.texted": "Máy gửi tin", "event.text-passed": "Máy gửi máy", "event.text-try": "Chuyển tin",
  "event.text-taken": "Dịch vụ đã nhận", "event.text-lost": "Tin bị mất", "event.text-dropped": "Thôi chuyển tin",
  "event.fault": "Sự cố", "event.coverage": "Sóng", "event.settings": "Cài đặt",
};
const EN = {
  title: "Practice phones", dial: "Dial", text: "Text", tools: "Tools", handsets: "Handsets",
  add: "Add a handset", faults: "Faults", journal: "Journal", cancel: "Cancel", close: "Close",
  disconnected: "The practice server does not answer. Trying again…",
  "add-number": "Phone number", "add-name": "Name (optional)", "add-role": "Role",
  "add-wrong": "That is not a phone number. Example: 0900 000 010.",
  "role.villager": "Villager", "role.leader": "Team leader", "role.deputy": "Deputy",
  "role.member": "Team member", "role.official": "Official", "role.operator": "Operator",
  "coverage.on": "Signal", "coverage.off": "No signal", held: "{n} messages wait for signal",
  idle: "Press digits, then green; or the right key to dial {code}", nosignal: "No signal",
  arrived: "{n} new", waiting: "Waiting…", answer: "Answer", seconds: "{n} s",
  "seconds-left": "{n} seconds left to answer", to: "To", message: "Message text",
  "mode.123": "123", "mode.abc": "abc", "mode.label": "Keys type: {mode}",
  count: "{units}/{room} · {n} SMS", "count.ucs2": "{units}/{room} · {n} SMS · accented",
  compose: "New message", "me-to": "To {who}", from: "From {who}",
  "state.sending": "sending", "state.taken": "arrived", "state.failed": "not sent",
  "soft.texts": "Messages", "soft.read": "Read", "soft.quick": "Dial team", "soft.clear": "Clear",
  "soft.send": "Send", "soft.off": "End", "soft.close": "Close", "soft.open": "Open",
  "soft.back": "Back", "soft.reply": "Reply", "soft.wait": "", "soft.call": "Call",
  "key.call": "Call key", "key.end": "End key", "key.up": "Up", "key.down": "Down",
  "key.clear": "Delete one character", "key.pad": "Keypad",
  "said.no_coverage": "No network coverage.", "said.lost_coverage": "No network coverage.",
  "said.unknown_code": "Connection problem or invalid MMI code.",
  "said.gateway_late": "Connection problem or invalid MMI code.",
  "said.gateway_down": "Connection problem or invalid MMI code.",
  "said.bad_answer": "Connection problem or invalid MMI code.",
  "said.silence": "Session timed out.", "said.session_limit": "Session timed out.",
  "said.unknown_number": "Not sent: there is no such handset here.",
  "why.no_coverage": "This handset has no signal: switch it on and dial again.",
  "why.lost_coverage": "The handset lost its signal during the call.",
  "why.unknown_code": "Only {code} belongs to the service.",
  "why.gateway_late": "The service did not answer within 10 seconds.",
  "why.gateway_down": "The service cannot be reached. Is it running?",
  "why.bad_answer": "The service's answer has the wrong form (it must begin with CON or END).",
  "why.silence": "The caller was silent for 30 seconds, so the network hung up.",
  "why.session_limit": "The call lasted over 3 minutes, so the network hung up.",
  "why.long": "This page has {n} characters: some networks cut at 160.",
  "why.too_long": "This page has {n} characters: more than the network carries.",
  "why.special": "This page has characters that keypad phones often cannot show.",
  "faults-about": "Switch a fault on to see whether the service bears it. Everything here is practice.",
  share: "It happens", "share.always": "every time", "share.third": "one time in three",
  "share.rare": "one time in sixteen", "other-rules": "Switched on elsewhere",
  "all-off": "All off", off: "Off", hits: "happened {n} times",
  "place.send": "When the service sends", "place.receipts": "Delivery reports",
  "place.ussd": "Calls to {code}", "place.sms": "Texts from villagers", "place.events": "End-of-call notice",
  "preset.hang": "The carrier takes it but does not answer", "preset.cut-before": "Cut before the carrier took it",
  "preset.cut-after": "Cut after the carrier took it", "preset.error": "The carrier answers error 500",
  "preset.throttle": "The carrier says: too fast", "preset.broke": "No credit left",
  "preset.report-lost": "Reports never come", "preset.report-twice": "Reports come twice",
  "preset.report-order": "Reports come in reverse", "preset.report-late": "Reports come 30 seconds late",
  "preset.undelivered": "Messages do not reach the handset",
  "preset.hop-twice": "Each step is told to the service twice", "preset.hop-late": "Each step is 5 seconds late",
  "preset.no-plus": "Numbers lose their +", "preset.sms-twice": "Texts arrive twice",
  "preset.sms-lost": "Texts never arrive", "preset.event-lost": "No notice when a call ends",
  "journal-about": "All that the practice network took, sent and reported; newest first.",
  "back-to-phones": "Back to the phones", "journal-number": "Number", "journal-kind": "Kind",
  "journal-time": "Time", "journal-what": "What", "journal-empty": "Nothing yet. Dial or text from a handset.",
  all: "all", "group.call": "calls", "group.out": "messages of the service", "group.in": "texts from villagers", "group.fault": "faults",
  "event.start": "Start", "event.dial": "Dial", "event.hop": "Step", "event.session-end": "Call over",
  "event.event": "End-of-call notice", "event.event-lost": "Notice lost", "event.send": "Taken to send",
  "event.refused": "Refused", "event.answer": "Answer to the service", "event.held": "Waits for signal", "event.delivered": "On the handset",
  "event.report": "Report", "event.report-lost": "Report lost", "event.report-dropped": "Report given up",
  "event.texted": "Handset texts", "event.text-passed": "Handset to handset", "event.text-try": "Passing on",
  "event.text-taken": "Service took it", "event.text-lost": "Text lost", "event.text-dropped": "Text given up",
  "event.fault": "Fault", "event.coverage": "Signal", "event.settings": "Settings",
};

let language = localStorage.getItem("language") === "en" ? "en" : "vi";
const listeners = [];

export function t(key, values = {}) {
  const words = (language === "en" ? EN : VI)[key] ?? key;
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export const has = (key) => key in VI;
const locale = () => (language === "en" ? "en-GB" : "vi-VN");

// The village's time, wherever whoever looks at the page may be.
export const clock = (moment, shape) =>
  moment.toLocaleString(locale(), { timeZone: "Asia/Ho_Chi_Minh", ...shape });
export const onLanguage = (listener) => listeners.push(listener);

// Translate what the server rendered: data-t is the text, data-label the name for screen readers.
export function translate(root) {
  for (const one of root.querySelectorAll("[data-t]")) one.textContent = t(one.dataset.t);
  for (const one of root.querySelectorAll("[data-label]")) {
    const key = has(`key.${one.dataset.label}`) ? `key.${one.dataset.label}` : one.dataset.label;
    one.setAttribute("aria-label", t(key === "keypad" ? "key.pad" : key));
  }
}

function show() {
  document.documentElement.lang = language;
  translate(document);
  for (const button of document.querySelectorAll("[data-other-language]")) {
    button.lang = language === "en" ? "vi" : "en";
    const [long, short] = button.children;
    long.textContent = language === "en" ? "Tiếng Việt" : "English";
    short.textContent = language === "en" ? "VI" : "EN";
    button.setAttribute("aria-label", long.textContent);
  }
  for (const listener of listeners) listener();
}

export function startWords() {
  for (const button of document.querySelectorAll("[data-other-language]")) {
    button.addEventListener("click", () => {
      language = language === "en" ? "vi" : "en";
      localStorage.setItem("language", language);
      show();
    });
  }
  show();
}
