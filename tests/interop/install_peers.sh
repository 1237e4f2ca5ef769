#!/usr/bin/env bash
# Install the implementations that peers.py names: Debian packages, and .peers for those of PyPI and npm.
# What cannot be installed is told, and missing from the matrix; REQUIRE_PEERS=1 makes that a failure.
set -uo pipefail
cd "$(dirname "$0")"
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
missing=0
not_installed() { echo "not installed: $*" >&2; missing=1; }

packages=(
    php-cli php-oauth
    ruby ruby-oauth ruby-simple-oauth
    perl libnet-oauth-perl libwww-oauth-perl libcrypt-openssl-rsa-perl
    golang-go golang-github-gomodule-oauth1-dev golang-github-mrjones-oauth-dev
    gcc libc6-dev liboauth-dev libjson-c-dev
    default-jdk-headless liboauth-signpost-java libgoogle-gson-java
)
command -v node >/dev/null || packages+=(nodejs)
command -v npm >/dev/null || packages+=(npm)
installed() { [ "$(dpkg-query -W -f '${db:Status-Status}\n' "$@" 2>/dev/null | grep -cx installed)" = $# ]; }
install() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q \
        --no-install-recommends "$@" >/dev/null
}
if ! command -v apt-get >/dev/null; then
    not_installed "the Debian packages ${packages[*]}: there is no apt-get"
elif ! installed "${packages[@]}"; then
    $as_root apt-get update -q >/dev/null || echo "the package lists are old: apt-get update failed" >&2
    # All at once is fast; one by one if one of them is not to be had.
    install "${packages[@]}" || for package in "${packages[@]}"; do install "$package" || not_installed "$package"; done
fi

pip=.peers/venv/bin/pip
[ -x $pip ] || "${PYTHON:-python3}" -m venv .peers/venv
$pip install --quiet --disable-pip-version-check cryptography pyjwt \
    oauthlib requests-oauthlib authlib oauth10a rauth || not_installed "those of PyPI"
npm install --silent --no-fund --no-audit --no-package-lock --prefix .peers \
    oauth-1.0a@2 oauth-sign oauth >/dev/null || not_installed "those of npm"
[ -z "${REQUIRE_PEERS:-}" ] || exit $missing
