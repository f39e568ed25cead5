// Typing with the keys: as digits, or as letters where the same key again soon means the next one.
const LETTERS = {
  1: ".,?!-1", 2: "abc2", 3: "def3", 4: "ghi4", 5: "jkl5", 6: "mno6",
  7: "pqrs7", 8: "tuv8", 9: "wxyz9", 0: " 0", "*": "*", "#": "#",
};
const PAUSE = 1000; // ms after which the same key begins a new letter

export class Multitap {
  constructor() {
    this.key = "";
    this.turn = 0;
    this.at = 0;
  }

  // Put what `key` means into the field at its caret.
  press(field, key, letters) {
    const now = performance.now();
    const again = letters && key === this.key && now - this.at < PAUSE && LETTERS[key].length > 1;
    this.turn = again ? this.turn + 1 : 0;
    this.key = key;
    this.at = now;
    const choices = letters ? LETTERS[key] : key;
    put(field, choices[this.turn % choices.length], again ? 1 : 0);
  }

  erase(field) {
    this.key = "";
    put(field, "", 1);
  }
}

// Replace the selection, or `before` characters before the caret, by `text`.
function put(field, text, before) {
  const end = field.selectionEnd ?? field.value.length;
  let start = field.selectionStart ?? end;
  if (start === end) start = Math.max(0, start - before);
  if (field.maxLength > 0 && field.value.length - (end - start) + text.length > field.maxLength) return;
  field.setRangeText(text, start, end, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
}
