#!/bin/sh
# Makes a base image without a registry: a Java runtime of this machine's JDK with the libraries that it links to, and nothing else.
# Usage: base.sh OUT.tar    then: mvn -Pdist,image -Dmaven.test.skip=true -Dsink.image.base=tar://OUT.tar package
set -eu

out=$1
jdk=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v javac)")")")}
epoch=${SOURCE_DATE_EPOCH:-1795219200}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mkdir -p "$root/opt" "$root/tmp" "$root/etc" "$work/image"
chmod 1777 "$root/tmp"

"$jdk/bin/jlink" --output "$root/opt/java" --strip-debug --no-header-files --no-man-pages --compress=2 \
  --add-modules java.se,jdk.unsupported,jdk.crypto.ec,jdk.crypto.cryptoki,jdk.zipfs,jdk.management,jdk.charsets,jdk.localedata,jdk.naming.dns
# what its certificates are linked to lies outside of the JDK on some systems
cp -L "$jdk/lib/security/cacerts" "$root/opt/java/lib/security/cacerts"
"$root/opt/java/bin/java" -Xshare:dump >/dev/null

find "$root/opt/java" -type f \( -name '*.so' -o -path '*/bin/*' \) -exec ldd {} + 2>/dev/null |
  sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*ld-linux[^ ]*\) .*/\1/p' |
  sort -u | grep -v "^$root" >"$work/libraries"
# names are resolved by libraries that nothing links to; native libraries of jars want the C++ one
for more in libnss_dns.so.2 libnss_files.so.2 libresolv.so.2 libstdc++.so.6 libgcc_s.so.1 libm.so.6 libz.so.1 \
  libdl.so.2 libpthread.so.0 librt.so.1; do
  ldconfig -p | sed -n "s/.*[[:space:]]$more .*x86-64.*=> //p; s/.*[[:space:]]$more .*AArch64.*=> //p" | head -n 1
done >>"$work/libraries"
sort -u "$work/libraries" | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  cp -L "$library" "$root$library"
done
echo 'sink:x:65532:65532::/tmp:/none' >"$root/etc/passwd"
echo 'sink:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"

# shellcheck disable=SC2046
tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner -C "$root" -cf "$work/image/layer.tar" \
  $(ls "$root")
layer=$(sha256sum "$work/image/layer.tar" | cut -d ' ' -f 1)
arch=$(uname -m | sed 's/x86_64/amd64/; s/aarch64/arm64/')
cat >"$work/image/config.json" <<END
{"architecture":"$arch","os":"linux","created":"1970-01-01T00:00:00Z",
 "config":{"Env":["PATH=/opt/java/bin","JAVA_HOME=/opt/java","LANG=C.UTF-8"],"User":"65532:65532","WorkingDir":"/tmp"},
 "rootfs":{"type":"layers","diff_ids":["sha256:$layer"]},"history":[{"created":"1970-01-01T00:00:00Z"}]}
END
echo '[{"Config":"config.json","RepoTags":["sink-base:latest"],"Layers":["layer.tar"]}]' >"$work/image/manifest.json"
tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner -C "$work/image" -cf "$out" \
  manifest.json config.json layer.tar
