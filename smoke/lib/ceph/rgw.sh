#!/bin/sh
# A Ceph RADOS gateway on loopback, with one monitor and one OSD in memory: rgw.sh DIRECTORY PORT KEY_ID SECRET
# Debian: apt-get install radosgw ceph-mon ceph-osd ceph-common. Ends, and everything with it, on SIGTERM.
set -eu
dir=$1 port=$2 key=$3 secret=$4
mon_port=$((port + 1))
fsid=$(cat /proc/sys/kernel/random/uuid)
osd=$(cat /proc/sys/kernel/random/uuid)
conf=$dir/ceph.conf
children=

# shellcheck disable=SC2086
stop() {
  trap - TERM INT EXIT
  [ -z "$children" ] && return
  kill $children 2>/dev/null || true
  # A gateway whose OSD went before it waits for ever.
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    kill -0 $children 2>/dev/null || break
    sleep 0.5
  done
  kill -9 $children 2>/dev/null || true
  wait
}

# Waits for a command in a way that a signal can end.
run() {
  "$@" &
  children="$children $!"
  wait $!
}
trap 'stop; exit 0' TERM INT
trap stop EXIT

mkdir -p "$dir/mon" "$dir/osd" "$dir/run" "$dir/rgw"
cat > "$conf" <<EOF
[global]
fsid = $fsid
mon initial members = a
mon host = [v1:127.0.0.1:$mon_port]
ms bind ipv6 = false
ms bind msgr2 = false
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
osd objectstore = memstore
memstore device bytes = 1073741824
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon data = $dir/mon
mon data avail crit = 1
osd data = $dir/osd
run dir = $dir/run
admin socket = $dir/run/\$name.asok
pid file =
log file = $dir/\$name.log
keyring = $dir/keyring
rgw data = $dir/rgw
rgw frontends = beast endpoint=127.0.0.1:$port
EOF
: > "$dir/keyring"
monmaptool --create --fsid "$fsid" --addv a "[v1:127.0.0.1:$mon_port]" "$dir/monmap" > "$dir/monmap.log"
ceph-mon -c "$conf" -i a --mkfs --monmap "$dir/monmap"
ceph-mon -c "$conf" -i a -f > "$dir/mon.out" 2>&1 &
children=$!
run ceph -c "$conf" --connect-timeout 60 osd new "$osd" > "$dir/osd.id"
ceph-osd -c "$conf" -i 0 --mkfs --osd-uuid "$osd" > "$dir/osd.out" 2>&1
ceph-osd -c "$conf" -i 0 -f >> "$dir/osd.out" 2>&1 &
children="$children $!"
# Before the gateway: both make the pools that are missing, and at once they wait for each other.
run timeout 120 radosgw-admin -c "$conf" user create --uid=sink --display-name=sink \
  --access-key="$key" --secret="$secret" > "$dir/user.json" 2> "$dir/user.log"
# One who may do only what a bucket's policy says.
run timeout 120 radosgw-admin -c "$conf" user create --uid=limited --display-name=limited \
  --access-key="$key-limited" --secret="$secret" > "$dir/limited.json" 2>> "$dir/user.log"
radosgw -c "$conf" -n client.rgw -f > "$dir/rgw.out" 2>&1 &
children="$children $!"
echo ready
wait
