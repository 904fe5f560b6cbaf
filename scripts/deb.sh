#!/usr/bin/env bash
# Makes a Debian package of the binary and prints its path.
# usage: scripts/deb.sh   (BINARY=path takes one that is built; OUT=folder; COMPRESSION=xz)
set -euo pipefail
cd "$(dirname "$0")/.."

for tool in dpkg-deb dpkg-shlibdeps strip; do
  command -v "$tool" >/dev/null || { echo "deb: $tool is missing; apt-get install dpkg-dev" >&2; exit 1; }
done

target=${CARGO_TARGET_DIR:-target}
binary=${BINARY:-}
if [ -z "$binary" ]; then
  cargo build --release --locked -p phoneyard >&2
  binary=$target/release/phoneyard
fi
out=${OUT:-$target/deb}
mkdir -p "$out"
root=$(mktemp -d "$out/root.XXXXXX")
trap 'rm -rf "$root"' EXIT
chmod 0755 "$root"
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
program=$root/usr/bin/phoneyard

put() { # mode, source, path in the package
  install -D -m "$1" "$2" "$root/$3"
}

# The binary with nothing of this machine in what it writes about itself.
own() { env -i PATH=/usr/bin:/bin "$program" "$@"; }

# The manual page of a verb and those of its own verbs, however deep.
pages() { # verb...
  local name=phoneyard verb page
  [ $# -eq 0 ] || name="phoneyard-$(IFS=-; echo "$*")"
  page=$root/usr/share/man/man1/$name.1
  own man "$@" >"$page"
  for verb in $(sed -nE 's/\\-/-/g; s/^'"$name"'-([a-z-]+)\(1\)$/\1/p' "$page"); do
    [ "$verb" = help ] || pages "$@" "$verb"
  done
  gzip -9n "$page"
}

put 0755 "$binary" usr/bin/phoneyard
strip --strip-debug "$program"
put 0644 packaging/phoneyard.service usr/lib/systemd/system/phoneyard.service
put 0644 packaging/phoneyard.toml etc/phoneyard/phoneyard.toml
put 0644 packaging/debian/copyright usr/share/doc/phoneyard/copyright
put 0644 README.md usr/share/doc/phoneyard/README.md
put 0644 dashboards/phoneyard.json usr/share/doc/phoneyard/examples/grafana.json
gzip -9nc CHANGELOG.md >"$root/usr/share/doc/phoneyard/changelog.gz"
install -d "$root"/usr/share/man/man1 "$root"/usr/share/bash-completion/completions \
  "$root"/usr/share/zsh/vendor-completions "$root"/usr/share/fish/vendor_completions.d
own completions bash >"$root/usr/share/bash-completion/completions/phoneyard"
own completions zsh >"$root/usr/share/zsh/vendor-completions/_phoneyard"
own completions fish >"$root/usr/share/fish/vendor_completions.d/phoneyard.fish"
pages

# dpkg-shlibdeps wants a source package around it.
mkdir -p "$root/around/debian"
printf 'Source: phoneyard\n\nPackage: phoneyard\nArchitecture: any\n' >"$root/around/debian/control"
libraries=$(cd "$root/around" && dpkg-shlibdeps -O -e"$program" 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
rm -r "$root/around"
[ -n "$libraries" ] || { echo "deb: dpkg-shlibdeps found no library that $binary needs" >&2; exit 1; }

version=$(own --version | cut -d' ' -f2)
architecture=$(dpkg --print-architecture)
size=$(du -ks "$root" | cut -f1)
(cd "$root" && find etc usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root.md5sums"
install -d "$root/DEBIAN"
mv "$root.md5sums" "$root/DEBIAN/md5sums"
chmod 0644 "$root/DEBIAN/md5sums"
for script in postinst prerm postrm; do put 0755 "packaging/debian/$script" "DEBIAN/$script"; done
echo /etc/phoneyard/phoneyard.toml >"$root/DEBIAN/conffiles"
cat >"$root/DEBIAN/control" <<CONTROL
Package: phoneyard
Version: $version
Architecture: $architecture
Maintainer: The Phoneyard maintainers <phoneyard@example.invalid>
Installed-Size: $size
Depends: $libraries, init-system-helpers (>= 1.52), passwd
Recommends: ca-certificates
Suggests: adb, postgresql
Section: net
Priority: optional
Description: self-hosted cloud-phone service that speaks the CPH wire API
 Phoneyard restarts many cloud phones in one call and tells which of them really
 came back. It works with the official SDKs, Terraform, curl and adb. The phones
 are emulated: no Android runs in them. The same binary is the client on the
 command line.
CONTROL

package=$out/phoneyard_${version}_$architecture.deb
find "$root" -type d -exec chmod 0755 {} +
dpkg-deb --root-owner-group "-Z${COMPRESSION:-xz}" --build "$root" "$package" >&2
echo "$package"
