#!/usr/bin/env bash
# Install the contenders that are not on PyPI: Debian packages, and one of npm into .peers/node_modules.
# What cannot be installed is named and left out; the runner names it again.
set -uo pipefail
cd "$(dirname "$0")"
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"

packages=(
    php-cli php-oauth
    gcc libc6-dev liboauth-dev
    golang-go golang-github-gomodule-oauth1-dev
    default-jdk-headless liboauth-signpost-java
    ruby ruby-oauth ruby-simple-oauth
    perl libnet-oauth-perl
)
if command -v apt-get >/dev/null; then
    $as_root apt-get update -q || echo "the package lists are old: apt-get update failed" >&2
    for package in "${packages[@]}"; do
        $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$package" >/dev/null ||
            echo "not installed: $package" >&2
    done
    command -v node >/dev/null || $as_root apt-get install -y -q --no-install-recommends nodejs >/dev/null ||
        echo "not installed: nodejs" >&2
    command -v npm >/dev/null || $as_root apt-get install -y -q --no-install-recommends npm >/dev/null ||
        echo "not installed: npm" >&2
else
    echo "there is no apt-get here: install by hand what README.md names" >&2
fi
mkdir -p .peers
if command -v npm >/dev/null; then
    npm install --silent --no-fund --no-audit --no-package-lock --prefix .peers oauth-1.0a@2 ||
        echo "not installed: oauth-1.0a (npm)" >&2
fi
