#!/usr/bin/env bash
# Installs what the demo or the tests need beyond Rust, and does nothing where it is already there.
# usage: scripts/setup.sh [demo|test]
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }
have() { command -v "$1" >/dev/null 2>&1; }

# PostgreSQL's server programs, which Debian keeps out of PATH.
have_postgres() {
  local dir
  for dir in "$(pg_config --bindir 2>/dev/null || true)" /usr/lib/postgresql/*/bin; do
    [ -x "$dir/initdb" ] && [ -x "$dir/postgres" ] && return 0
  done
  return 1
}

install_packages() {
  [ $# -gt 0 ] || return 0
  have apt-get || { echo "setup: please install these first: $*" >&2; exit 1; }
  echo "setup: installing $*"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq update
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@" >/dev/null
}

# The Python side, pinned; made anew when the pins or the Python change.
make_venv() {
  local stamp
  stamp="$(cat e2e/requirements.txt <(python3 -V) | sha256sum)"
  [ "$(cat .tools/venv/stamp 2>/dev/null || true)" = "$stamp" ] && return 0
  echo "setup: making .tools/venv"
  rm -rf .tools/venv
  python3 -m venv .tools/venv
  .tools/venv/bin/python -m pip install --quiet --disable-pip-version-check -r e2e/requirements.txt
  echo "$stamp" >.tools/venv/stamp
}

# The Node side, pinned by its lock file; made anew when that or Node changes.
make_tango() {
  local stamp
  stamp="$(cat e2e/tango/package-lock.json <(node --version) | sha256sum)"
  [ "$(cat e2e/tango/node_modules/stamp 2>/dev/null || true)" = "$stamp" ] && return 0
  echo "setup: making e2e/tango/node_modules"
  npm --prefix e2e/tango ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
  echo "$stamp" >e2e/tango/node_modules/stamp
}

what=${1:-test}
case "$what" in demo | test) ;; *) echo "usage: scripts/setup.sh [demo|test]" >&2; exit 2 ;; esac

have cargo || { echo "setup: Rust is missing; rust-version in Cargo.toml names the oldest that will do" >&2; exit 1; }
packages=()
have cc || packages+=(gcc libc6-dev)
have make || packages+=(make)
have adb || packages+=(adb)
if [ "$what" = test ]; then
  have aapt || packages+=(aapt)
  have apksigner || packages+=(apksigner)
  [ -e /usr/share/android-framework-res/framework-res.apk ] || packages+=(android-framework-res)
  have node || packages+=(nodejs)
  have npm || packages+=(npm)
  have_postgres || packages+=(postgresql)
  have openssl || packages+=(openssl)
  have dpkg-shlibdeps || packages+=(dpkg-dev)
  have strip || packages+=(binutils)
  [ -s /etc/ssl/certs/ca-certificates.crt ] || packages+=(ca-certificates)
  python3 -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3 python3-venv)
fi
install_packages "${packages[@]}"
if [ "$what" = test ]; then
  make_venv
  make_tango
  cargo fmt --version >/dev/null 2>&1 || rustup component add rustfmt
  cargo clippy --version >/dev/null 2>&1 || rustup component add clippy
fi
