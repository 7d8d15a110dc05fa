#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2013,SC2016 # Words without spaces; and texts that a later shell expands.
#
# Brings a fault about on the device that it runs on, or takes it back: `fault.sh begin`, `fault.sh end`.
# Both may be done twice. It runs in a privileged container in the process and network namespaces of the
# device.
#
# What holds the fault leaves the container, so that it does not end with its pod, and every process of it
# ends by itself when its time is over: with nobody's help, and without reading any file. A boot leaves
# nothing of it either.
#
#   DRILL       id of the drill
#   FAULT       what to bring about
#   HOLD        seconds for which it holds, unless it is ended before
#   LEAD        seconds before the network or the device goes, in which the cluster hears that it will
#   BOOT        id of the boot that a sudden reboot may end
#   TRIGGER     file by which the kernel is told to boot, if not the usual one
#   CONTAINERS  ids of the containers to kill
#   RESULT      file for the last word
#   PROGRAM     this text, for what outlives the container
set -eu

# The files of the device, through its first process.
device=/proc/1/root
# What is known of this drill on the device; a boot forgets it.
record=$device/run/causeway-drill-$DRILL

say() {
  echo "$*"
  echo "$*" >"$RESULT"
}

fail() {
  say "$*" >&2
  exit 1
}

note() {
  echo "$*" >>"$record"
}

# Whether this is the first that the device hears of the drill.
is_first() {
  (set -C && : >"$record") 2>/dev/null
}

# Sets `seconds` to those since the boot; no clock that is set can disturb it.
read_time() {
  read -r seconds rest </proc/uptime
  seconds=${seconds%%.*}
}

begin() {
  # A boot forgets that there was one; who orders it does not.
  if [ "$FAULT" = suddenReboot ]; then
    read -r present <"$device/proc/sys/kernel/random/boot_id"
    [ "$present" = "$BOOT" ] ||
      fail 'The device has booted since this was ordered, and does not do so again.'
  fi
  if is_first; then
    if [ "$FAULT" = containerRestart ]; then
      kill_containers
      note holds
    else
      FAULT_OF=$DRILL setsid sh -c 'eval "$PROGRAM"' fault hold \
        </dev/null >>"$record" 2>&1 &
    fi
  fi
  waited=0
  until grep -q '^holds' "$record"; do
    if grep -q '^over' "$record"; then
      fail 'This drill is over on this device.'
    fi
    if grep -q '^failed' "$record"; then
      fail "$(grep -v -e '^failed' -e '^interfaces' "$record" || :)"
    fi
    [ "$waited" -lt 60 ] || fail 'The fault did not come to hold within a minute.'
    sleep 1
    waited=$((waited + 1))
  done
  if grep -q '^over' "$record"; then
    fail 'This drill is over on this device.'
  fi
  say 'The fault holds.'
}

# Outside of the container, in a session of its own.
hold() {
  trap 'note failed' EXIT
  leave_container
  case $FAULT in
    networkOff | networkFlapping) hold_network ;;
    load) hold_load ;;
    storageFull) hold_storage ;;
    memoryPressure) hold_memory ;;
    suddenReboot) boot_suddenly ;;
    *) refuse "There is no fault $FAULT." ;;
  esac
}

# The last words of what holds the fault are in the record, where `begin` finds them.
refuse() {
  echo "$*"
  exit 1
}

# The end of a container ends all that is in its control groups.
leave_container() {
  read -r self rest </proc/self/stat
  groups=$device/sys/fs/cgroup
  if [ -e "$groups/cgroup.controllers" ]; then
    set -- "$groups"
  else
    set -- "$groups"/*
  fi
  for group in "$@"; do
    [ -e "$group/cgroup.procs" ] || continue
    nsenter --target 1 --cgroup -- sh -c 'echo "$1" >"$2"' leave \
      "$self" "$group/cgroup.procs" ||
      refuse 'It could not leave its container, so its end would not be sure.'
  done
}

# Interfaces to the outside: those of hardware, and those of default routes.
outward_interfaces() {
  {
    for path in /sys/class/net/*; do
      if [ -e "$path/device" ] && [ "$(cat "$path/type")" = 1 ]; then
        echo "${path##*/}"
      fi
    done
    while read -r interface destination rest; do
      if [ "$destination" = 00000000 ] && [ -e "/sys/class/net/$interface" ]; then
        echo "$interface"
      fi
    done </proc/net/route
  } | sort -u | tr '\n' ' '
}

# A queue without any place loses all that would leave the device. Every kernel has it, other than netem.
cut() {
  for interface in $interfaces; do
    echo "qdisc replace dev $interface root pfifo limit 0"
  done
}

restore() {
  for interface in $interfaces; do
    echo "qdisc del dev $interface root"
  done
  read_time
  note "over $seconds"
}

# Two that know nothing of each other bring the network back: whoever ends one, the other is there. Their
# programs run before the network goes, and read what to do from a pipe.
hold_network() {
  interfaces=$(outward_interfaces)
  [ -n "$interfaces" ] || refuse 'The device has no network to the outside.'
  for interface in $interfaces; do
    if tc qdisc show dev "$interface" | grep -q ' [1-9a-f][0-9a-f]*: root'; then
      refuse "$interface shapes its traffic, which would be lost with the fault."
    fi
  done
  note "interfaces $interfaces"
  {
    sleep $((LEAD + HOLD + 5)) || :
    restore
  } | tc -force -batch - &
  # Better now than when nobody hears of it any more.
  for interface in $interfaces; do
    tc qdisc replace dev "$interface" root pfifo limit 0
    tc qdisc del dev "$interface" root
  done
  {
    sleep "$LEAD" || :
    if [ "$FAULT" = networkOff ]; then
      cut
      sleep "$HOLD" || :
    else
      flap
    fi
    restore
  } | tc -force -batch - &
  note holds
  trap - EXIT
}

# Away for half of each minute.
flap() {
  read_time
  until=$((seconds + HOLD))
  while [ "$seconds" -lt "$until" ]; do
    cut
    sleep 30 || return 0
    for interface in $interfaces; do
      echo "qdisc del dev $interface root"
    done
    sleep 30 || return 0
    read_time
  done
}

hold_load() {
  for gpu in nvhost-gpu nvgpu nvidia0; do
    if [ -e "$device/dev/$gpu" ]; then
      command -v load-gpu >/dev/null ||
        refuse 'The device has a GPU, and the image has no program load-gpu for it.'
      timeout --signal=KILL "$HOLD" load-gpu "$HOLD" &
      break
    fi
  done
  read_time
  until=$((seconds + HOLD))
  processors=$(grep -c '^processor' /proc/cpuinfo)
  while [ "$processors" -gt 0 ]; do
    burn "$until" &
    processors=$((processors - 1))
  done
  note holds
  trap - EXIT
}

# Looks at the time by itself: nobody has to end it.
burn() {
  while read_time && [ "$seconds" -lt "$1" ]; do
    turns=0
    while [ "$turns" -lt 50000 ]; do turns=$((turns + 1)); done
  done
}

# The file has no name: it is gone with the process that has it open, and with the boot.
hold_storage() {
  place=$device/var/lib/kubelet
  # shellcheck disable=SC2046 # Four numbers: all blocks, free ones, those for everybody, bytes of a block.
  set -- $(stat -f -c '%b %f %a %S' "$place")
  used=$(($1 - $2))
  blocks=$(((used + $3) * 97 / 100 - used))
  [ "$blocks" -gt 0 ] || refuse 'The storage is 97 % full already.'
  file=$place/.causeway-drill-$DRILL
  exec 9>"$file"
  rm "$file"
  fallocate --length $((blocks * $4)) /proc/self/fd/9
  note holds
  trap - EXIT
  exec sleep "$HOLD"
}

# A file in memory, seen by the one process that has it. When memory runs out, that one goes first.
hold_memory() {
  while read -r name amount rest; do
    case $name in
      MemTotal:) total=$amount ;;
      MemAvailable:) available=$amount ;;
    esac
  done </proc/meminfo
  size=$((available - total * 3 / 100))
  [ "$size" -gt 0 ] || refuse '97 % of the memory are taken already.'
  echo 1000 >/proc/self/oom_score_adj
  trap - EXIT
  exec unshare --mount sh -c '
    set -eu
    trap "echo failed >>\"$1\"" EXIT
    # Pages that can be swapped out take no memory for long.
    if ! mount -t tmpfs -o "size=$2k,noswap" memory /mnt; then
      if grep -q "^/" /proc/swaps; then
        echo "The device swaps, and its kernel can not keep files in memory."
        exit 1
      fi
      mount -t tmpfs -o "size=$2k" memory /mnt
    fi
    fallocate --length "$2KiB" /mnt/taken
    echo holds >>"$1"
    trap - EXIT
    exec sleep "$3"
  ' memory "$record" "$size" "$HOLD"
}

# Nobody is told and nothing is written that is only in memory, as when power fails for a moment. Who ends
# the drill before, ends this too.
boot_suddenly() {
  trigger=${TRIGGER:-$device/proc/sysrq-trigger}
  [ -w "$trigger" ] || refuse 'The kernel of the device can not be told to boot.'
  note holds
  trap - EXIT
  sleep "$LEAD"
  echo b >"$trigger"
}

# The processes of a container whose parents are none of it: its main process first of all.
main_processes() {
  for file in $(grep -l "$1" /proc/[0-9]*/cgroup 2>/dev/null); do
    process=${file#/proc/}
    process=${process%/cgroup}
    parent=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$process/status")
    if ! grep -q "$1" "/proc/$parent/cgroup" 2>/dev/null; then
      echo "$process"
    fi
  done
}

kill_containers() {
  processes=
  for container in $CONTAINERS; do
    found=$(main_processes "$container")
    if [ -z "$found" ]; then
      note failed
      fail 'Not every container of the service runs, so none was killed.'
    fi
    processes="$processes $found"
  done
  # shellcheck disable=SC2086 # Several numbers.
  kill -KILL $processes
}

# What holds the fault, by the name in its environment.
holders() {
  grep -l "FAULT_OF=$DRILL" /proc/[0-9]*/environ 2>/dev/null |
    sed -e 's|^/proc/||' -e 's|/environ$||'
}

end() {
  # Whoever would begin it after this finds that it is over.
  is_first || :
  waited=0
  while
    left=$(holders)
    [ -n "$left" ]
  do
    [ "$waited" -lt 30 ] || fail 'What holds the fault does not end.'
    for process in $left; do
      kill -KILL "$process" 2>/dev/null || :
    done
    sleep 1
    waited=$((waited + 1))
  done
  for interface in $(sed -n 's/^interfaces //p' "$record"); do
    if tc qdisc show dev "$interface" | grep -q 'pfifo.* root .*limit 0p'; then
      tc qdisc del dev "$interface" root
    fi
  done
  read_time
  over=$(sed -n 's/^over //p' "$record" | head -n 1)
  note "over $seconds"
  say "Nothing of the fault holds. It ended $((seconds - ${over:-$seconds})) s ago."
}

case ${1:-} in
  begin) begin ;;
  hold) hold ;;
  end) end ;;
  *) fail 'Say begin or end.' ;;
esac
