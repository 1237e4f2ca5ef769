#!/usr/bin/env bash
# Install what the tests here drive the sandbox's pages with: Chromium of Debian, and axe-core of npm into .peers.
# What cannot be installed is told, and the tests are skipped; REQUIRE_PEERS=1 makes that a failure.
set -uo pipefail
cd "$(dirname "$0")"
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
missing=0
not_installed() { echo "not installed: $*" >&2; missing=1; }

packages=()
command -v chromium >/dev/null || packages+=(chromium fonts-dejavu-core)
command -v npm >/dev/null || packages+=(npm)
if [ ${#packages[@]} != 0 ]; then
    $as_root apt-get update -q >/dev/null || echo "the package lists are old: apt-get update failed" >&2
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q \
        --no-install-recommends "${packages[@]}" >/dev/null || not_installed "${packages[@]}"
fi
npm install --silent --no-fund --no-audit --no-package-lock --prefix .peers axe-core@4 >/dev/null || not_installed axe-core
[ -z "${REQUIRE_PEERS:-}" ] || exit $missing
