#!/usr/bin/env bash
# Install the implementations that peers.py and flows.py name: Debian packages, and .peers for those of PyPI and npm.
# What cannot be installed is told, and missing from the matrix; REQUIRE_PEERS=1 makes that a failure.
set -uo pipefail
cd "$(dirname "$0")"
as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
missing=0
not_installed() { echo "not installed: $*" >&2; missing=1; }

packages=(
    php-cli php-oauth
    ruby ruby-oauth ruby-simple-oauth ruby-signet
    perl libnet-oauth-perl libwww-oauth-perl libcrypt-openssl-rsa-perl
    golang-go golang-github-gomodule-oauth1-dev golang-github-mrjones-oauth-dev
    gcc libc6-dev liboauth-dev libjson-c-dev
    default-jdk-headless liboauth-signpost-java libgoogle-gson-java libgoogle-oauth-client-java
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

# The versions of Debian's packages are those of its release.
libraries=(
    cryptography==50.0.2 pyjwt==2.15.1 requests==2.34.2 httpx==0.28.1
    oauthlib==4.0.1 requests-oauthlib==2.0.0 authlib==1.9.10 oauth10a==1.9.1 rauth==0.7.3
)
# Of one provider each; tweepy wants an older oauthlib than the others.
clients=(
    oauthlib==3.3.1 requests-oauthlib==2.0.0 tweepy==4.17.0 mwoauth==0.4.0 launchpadlib==2.3.0
    flickrapi==2.4.0 python3-discogs-client==2.8 aioauth-client==0.30.1
)
from_npm=(oauth-1.0a@2.2.6 oauth-sign@0.9.0 oauth@0.10.2 passport-oauth1@1.3.0 twitter-api-v2@1.29.1)
from_pypi() {
    local folder=.peers/$1
    shift
    [ -x "$folder/bin/pip" ] || "${PYTHON:-python3}" -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check "$@" || not_installed "of PyPI: $*"
}
from_pypi venv "${libraries[@]}"
from_pypi clients "${clients[@]}"
npm install --silent --no-fund --no-audit --no-package-lock --prefix .peers "${from_npm[@]}" >/dev/null ||
    not_installed "those of npm"
[ -z "${REQUIRE_PEERS:-}" ] || exit $missing
