#!/bin/sh
# Installs axe-core beside the tests, the very bytes that its lock names. Never fails: the tests of
# accessibility say loudly that they did not run without it.
cd "$(dirname "$0")/axe" || exit 0
wanted=$(sed -n 's/.*"axe-core": "\([0-9.]*\)".*/\1/p' package.json)
grep -qs "\"version\": \"$wanted\"" node_modules/axe-core/package.json && exit 0
command -v npm >/dev/null 2>&1 &&
  npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null 2>&1 && exit 0
echo "================================================================================"
echo "TESTS OF ACCESSIBILITY WILL NOT RUN: axe-core $wanted could not be installed."
echo "They need npm (package npm, with Node.js) and its registry: sh tests/install-axe.sh"
echo "================================================================================"
exit 0
