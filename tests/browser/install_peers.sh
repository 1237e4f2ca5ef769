#!/usr/bin/env bash
# Install the browsers of the tests here, Debian's Chromium and Firefox, and npm's axe-core into .peers.
set -euo pipefail
cd "$(dirname "$0")"
packages=()
command -v chromium >/dev/null || packages+=(chromium fonts-dejavu-core)
command -v firefox-esr >/dev/null || command -v firefox >/dev/null || packages+=(firefox-esr)
command -v npm >/dev/null || packages+=(npm)
if [ ${#packages[@]} != 0 ]; then
    as_root=$([ "$(id -u)" = 0 ] || echo sudo)
    $as_root apt-get update -q >/dev/null
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q \
        --no-install-recommends "${packages[@]}" >/dev/null
fi
npm install --silent --no-fund --no-audit --no-package-lock --prefix .peers axe-core@4
