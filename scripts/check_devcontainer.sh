#!/usr/bin/env bash
# Runs what the container runs after it was made, .devcontainer/post-create.sh, where there is nothing but Debian and
# Rust: in a fresh Debian 12 that debootstrap makes, on a copy of the last commit. Needs root, debootstrap and 5 GB
# in $TMPDIR for as long as it takes; npx lets it have the devcontainers CLI read the configuration too.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null; then
    echo "error: needs root and debootstrap (Debian, Ubuntu: apt-get install debootstrap)" >&2
    exit 1
fi
if command -v npx >/dev/null; then
    # It asks Docker for a container made from this configuration; `true` says there is none.
    npx --yes @devcontainers/cli@0.89.0 read-configuration --workspace-folder . --docker-path true
fi

debian=$(mktemp -d)
chmod 755 "$debian" # apt reads there as a user of its own
trap 'rm -rf --one-file-system "$debian"' EXIT
debootstrap --variant=minbase bookworm "$debian" >"$debian/debootstrap.log"
mkdir -p "$debian/opt/rust" "$debian/workspaces/ironwheel"
git archive HEAD | tar -x -C "$debian/workspaces/ironwheel"
# Rust as the container's feature has it, without what is of no use here.
tar -c --exclude=./share -C "$(rustc --print sysroot)" . | tar -x -C "$debian/opt/rust"

# A fresh machine has the settings of its network, and no others.
cp --dereference /etc/resolv.conf "$debian/etc/resolv.conf"
settings=(HOME=/root LANG=C.UTF-8 PATH=/opt/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
for name in http_proxy https_proxy no_proxy; do
    [ -z "${!name:-}" ] || settings+=("$name=${!name}")
done
if [ -n "${SSL_CERT_FILE:-}" ]; then
    cp --dereference "$SSL_CERT_FILE" "$debian/opt/certificates.pem"
    settings+=({SSL_CERT_FILE,PIP_CERT,CARGO_HTTP_CAINFO}"=/opt/certificates.pem")
fi
# Mounts of its own, gone with the processes.
# shellcheck disable=SC2016 # the inner shell's to expand
unshare --mount --pid --fork --kill-child sh -c 'mount -t proc proc "$1/proc" && exec chroot "$@"' sh \
    "$debian" env -i "${settings[@]}" bash /workspaces/ironwheel/.devcontainer/post-create.sh
