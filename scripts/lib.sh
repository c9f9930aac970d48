# Shared by the scripts of this folder: says what is happening and installs what is missing.
# Source it; it changes into the project's root.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
fail() { printf '\nconfab: %s\n' "$*" >&2; exit 1; }

# apt packages, if this is Debian or Ubuntu and we may; else their names and what to do.
install_packages() { # why, packages…
  local why=$1; shift
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "these packages are missing ($why): ${missing[*]}. Install them as root, then run this again."
    root=(sudo)
  fi
  say "Installing ${missing[*]} ($why)"
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

have_apt() { command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; }

need_command() { # command, what for, apt package
  command -v "$1" >/dev/null && return 0
  if have_apt; then install_packages "$2" "$3"; else fail "'$1' is missing ($2). Install it, then run this again."; fi
}

need_basics() {
  command -v cargo >/dev/null || fail "Rust is missing. Install it (rustup, https://rustup.rs), then run this again."
  command -v npm >/dev/null || fail "Node.js 20 or newer with npm is missing. Install it, then run this again."
  [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 20')" = true ] ||
    fail "Node.js $(node --version) is too old: 20 or newer is needed."
  # On Windows, Rust finds Visual Studio's by itself.
  case $(uname -s) in MINGW* | MSYS*) ;; *) need_command cc "a C compiler, for SQLite" gcc ;; esac
}

# A Rust compiler that can build for the browser: rustup's target if it is there or can be had, else Debian's own.
need_wasm_compiler() {
  if [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]; then
    need_command clang "SQLite for the browser" clang
    return 0
  fi
  if have_apt && apt_has rustc-web; then
    local lld clang
    install_packages "the engine for the browser" rustc-web cargo-web rust-web-src rust-web-llvm
    lld=$(newest_package 'lld-[0-9]+'); clang=$(newest_package 'clang-[0-9]+')
    install_packages "the engine for the browser" "$lld" "$clang"
    return 0
  fi
  if command -v rustup >/dev/null && rustup target add wasm32-unknown-unknown; then
    need_command clang "SQLite for the browser" clang
    return 0
  fi
  fail "no compiler for the browser. Run 'rustup target add wasm32-unknown-unknown' and install clang, then run this again."
}

apt_has() {
  apt-cache show "$1" >/dev/null 2>&1 && return 0
  local root=(); [ "$(id -u)" -eq 0 ] || root=(sudo)
  "${root[@]}" apt-get update -qq >/dev/null 2>&1 || true
  apt-cache show "$1" >/dev/null 2>&1
}

newest_package() { # an extended regular expression for the whole name
  apt-cache search --names-only "^$1\$" | awk '{print $1}' | sort -V | tail -n 1
}

# The folder's packages as the lock file says, once per lock file.
npm_install() { # folder
  local stamp=$1/node_modules/.installed
  cmp -s "$1/package-lock.json" "$stamp" && return 0
  say "Installing the packages of $1"
  npm --prefix "$1" ci --no-audit --no-fund --loglevel=error
  cp "$1/package-lock.json" "$stamp"
}

# True if any of the paths is newer than the file, or the file is missing.
stale() { # file, paths…
  local file=$1; shift
  [ -e "$file" ] || return 0
  [ -n "$(find "$@" \( -name node_modules -o -name dist -o -name dist-desktop -o -name target \) -prune -o -type f -newer "$file" -print -quit)" ]
}

build_engine() {
  if stale app/ui/engine/.built Cargo.lock app/core app/web shared/protocol xtask/src; then
    say "Building the engine for the browser"
    cargo run --quiet --package xtask -- wasm
    touch app/ui/engine/.built
  fi
}

build_ui() {
  npm_install app/ui
  build_engine
  if stale app/ui/dist/.built app/ui/engine app/ui/src app/ui/public app/ui/index.html app/ui/package-lock.json app/ui/vite.config.ts; then
    say "Building the web client"
    npm --prefix app/ui run build
    cargo run --quiet --package xtask -- compress
    touch app/ui/dist/.built
  fi
}

build_relay() {
  say "Building the relay"
  cargo build --release --package confab-relay --bin relay
}

# What the desktop app is built on and shown with; on Debian and Ubuntu by apt, elsewhere the build names what it lacks.
need_desktop() {
  [ "$(uname -s)" = Linux ] || return 0
  have_apt || return 0
  install_packages "the desktop app" build-essential pkg-config libwebkit2gtk-4.1-dev libayatana-appindicator3-dev
}

# A screen, a bus and a driver for the tests of the desktop app in its window.
need_screen() {
  have_apt || return 0
  install_packages "the desktop app in a window" xvfb webkit2gtk-driver dbus dbus-daemon dunst scrot fonts-dejavu-core \
    gnome-keyring ayatana-indicator-application openbox xdotool wmctrl libglib2.0-bin openssl
}

build_desktop_ui() {
  npm_install app/ui
  if stale app/ui/dist-desktop/.built app/ui/src app/ui/public app/ui/index.html app/ui/package-lock.json app/ui/vite.config.ts; then
    say "Building the pages of the desktop app"
    npm --prefix app/ui run build:desktop
    touch app/ui/dist-desktop/.built
  fi
}
