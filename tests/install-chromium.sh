#!/bin/sh
# Finds Chromium, or installs it where the system's package manager may. Never fails: the browser
# tests say loudly that they did not run when there is none.
for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
  [ -n "$name" ] && command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >/dev/null 2>&1
  apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null 2>&1 && exit 0
elif [ "$(id -u)" = 0 ] && command -v dnf >/dev/null 2>&1; then
  dnf install -y -q chromium >/dev/null 2>&1 && exit 0
fi
echo "================================================================================"
echo "BROWSER TESTS WILL NOT RUN: there is no Chromium here and none can be installed."
echo "Install it (package chromium) or name one: CHROMIUM=/path/to/chrome make test"
echo "================================================================================"
exit 0
