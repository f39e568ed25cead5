// Looks again by itself, on a screen that nobody touches; while nothing answers it stays as it is.
"use strict";
(() => {
  const EVERY = 15000, PATIENCE = 8000;
  const wait = () => setTimeout(look, EVERY);
  async function look() {
    try {
      await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(PATIENCE) });
      location.reload();
    } catch {
      wait();
    }
  }
  wait();
})();
