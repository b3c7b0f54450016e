#!/bin/sh
# Makes sure there is a Chromium for the browser tests; says clearly what to do where it cannot.
set -eu
python=$1

if [ -n "${RECTIFY_CHROMIUM:-}" ] && [ -x "$RECTIFY_CHROMIUM" ]; then exit 0; fi
for name in chromium chromium-browser google-chrome microsoft-edge; do
    if command -v "$name" >/dev/null 2>&1; then exit 0; fi
done

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing chromium and a Chinese font for the browser tests …"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null
    exit 0
fi

echo "No Chromium found; trying the one that Playwright provides …"
if "$python" -m playwright install chromium; then exit 0; fi

cat >&2 <<'WORDS'
The browser tests need a Chromium-based browser. Install one and run `make test` again:
  Debian, Ubuntu    sudo apt-get install chromium fonts-noto-cjk
  Fedora            sudo dnf install chromium google-noto-sans-cjk-fonts
  macOS             brew install --cask chromium
or name one you have: RECTIFY_CHROMIUM=/path/to/chrome make test
`make check` runs everything that needs no browser.
WORDS
exit 1
