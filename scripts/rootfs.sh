#!/usr/bin/env bash
# Lays out all that a container needs, from this machine: the binary, its libraries, certificates, a user.
# usage: scripts/rootfs.sh   (BINARY=path takes one that is built; OUT=folder, default target/image)
# Then: docker build -t phoneyard target/image, or the same with podman. No registry is asked.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
binary=${BINARY:-}
if [ -z "$binary" ]; then
  cargo build --release --locked -p phoneyard >&2
  binary=$target/release/phoneyard
fi
out=${OUT:-$target/image}
root=$out/rootfs
# The user's number; compose.yaml's volume and the Dockerfile know it too.
id=10001
certificates=/etc/ssl/certs/ca-certificates.crt
[ -s "$certificates" ] || { echo "rootfs: $certificates is missing; apt-get install ca-certificates" >&2; exit 1; }

umask 022
rm -rf "$root" "$root.tar"
install -d "$root"/{usr/bin,etc/ssl/certs,var/lib/phoneyard,tmp}
chmod 0700 "$root/var/lib/phoneyard"
chmod 1777 "$root/tmp"
install -m 0755 "$binary" "$root/usr/bin/phoneyard"
strip --strip-debug "$root/usr/bin/phoneyard"
# What the loader would take, and the loader itself, under the names by which they are asked for.
ldd "$binary" | sed -nE 's/^.*=> (\/[^ ]+) .*$/\1/p; s/^[[:space:]]*(\/[^ ]+) .*$/\1/p' | while read -r library; do
  install -D -m 0755 "$(realpath "$library")" "$root$library"
done
install -m 0644 "$certificates" "$root$certificates"
echo "phoneyard:x:$id:$id:Phoneyard:/var/lib/phoneyard:/usr/sbin/nologin" >"$root/etc/passwd"
echo "phoneyard:x:$id:" >"$root/etc/group"
echo "hosts: files dns" >"$root/etc/nsswitch.conf"

# A tar file, because only that says whose the data directory is, whoever builds.
tar=(tar --sort=name --numeric-owner -C "$root")
"${tar[@]}" --owner=0 --group=0 --exclude=./var/lib/phoneyard -cf "$root.tar" .
"${tar[@]}" --owner="$id" --group="$id" -rf "$root.tar" ./var/lib/phoneyard
cp Dockerfile "$out/Dockerfile"
echo "$out"
