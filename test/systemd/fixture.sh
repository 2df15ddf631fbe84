#!/bin/bash
# Boots a real, private systemd (PID 1 of its own PID namespace) with journald,
# for tests.  Needs: root, util-linux, systemd installed on the host (it need
# not run there), a cgroup2 mount somewhere.
#
#   fixture.sh up   NAME [--bind SRC[:DST]] [--bind-ro SRC[:DST]] [--owner PID]
#   fixture.sh exec NAME CMD...      run CMD inside (stdio passed through)
#   fixture.sh down NAME             orderly halt, then check nothing is left
#   fixture.sh run  CMD...           up + exec + down, returns CMD's status
#
# What is private: PID, mount, UTS, IPC, network (own loopback) and cgroup
# namespaces.  The root is an overlay of the host's / with a tmpfs on top, so
# node, npm and every package of the host are there, anything may be written
# (/etc, /opt, /var/lib ...) and every write disappears with the namespace.
# What is shared: the kernel, and whatever --bind names.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin

STATE_ROOT=${SDFIX_ROOT:-/run/sdfix}
# capabilities the fixture never needs and with which it could touch the host
DROP_CAPS=-sys_module,-sys_boot,-sys_time,-sys_rawio,-syslog,-wake_alarm,-block_suspend,-mac_admin,-mac_override,-audit_control,-audit_read,-perfmon

die() { echo "systemd-fixture: $*" >&2; exit 1; }

cgroup2_mount() { awk '$3=="cgroup2"{print $2; exit}' /proc/mounts; }

# ---------------------------------------------------------------- inside part
# Runs as PID 1 of the new namespaces, builds the root, then becomes systemd.
inside() {
	local dir=$1; shift
	# stop propagation to the host first: nothing mounted below is ever seen there
	mount --make-rprivate /
	mount -t tmpfs -o mode=755,size=2g sdfix "$dir/fs"
	mkdir "$dir"/fs/{upper,work,root}
	local r=$dir/fs/root
	mount -t overlay -o "lowerdir=/,upperdir=$dir/fs/upper,workdir=$dir/fs/work" overlay "$r"
	# systemd needs a root that is a mount point with shared propagation
	mount --make-private "$r"
	[ -x "$r/lib/systemd/systemd" ] || die "/usr is not on the root filesystem: not supported"

	# /proc of this PID namespace; kernel settings read-only, except net (own netns)
	mount -t proc -o nosuid,nodev,noexec proc "$r/proc"
	mount --bind "$r/proc/sys" "$r/proc/sys"
	mount --bind "$r/proc/sys/net" "$r/proc/sys/net"
	mount -o remount,bind,ro "$r/proc/sys"
	if [ -e "$r/proc/sysrq-trigger" ]; then
		mount --bind "$r/proc/sysrq-trigger" "$r/proc/sysrq-trigger"
		mount -o remount,bind,ro "$r/proc/sysrq-trigger"
	fi
	# read-only /sys is what tells udev & co. that this is a container
	mount -t sysfs -o ro,nosuid,nodev,noexec sysfs "$r/sys"
	mount -t cgroup2 -o nosuid,nodev,noexec cgroup2 "$r/sys/fs/cgroup"

	# minimal private /dev
	mount -t tmpfs -o mode=755,nosuid,size=4m tmpfs "$r/dev"
	local n
	for n in null zero full random urandom tty; do
		: >"$r/dev/$n"; mount --bind "/dev/$n" "$r/dev/$n"
	done
	mkdir "$r"/dev/{pts,shm,mqueue}
	mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$r/dev/pts"
	ln -s pts/ptmx "$r/dev/ptmx"
	mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$r/dev/shm"
	ln -s /proc/self/fd "$r/dev/fd"
	ln -s fd/0 "$r/dev/stdin"; ln -s fd/1 "$r/dev/stdout"; ln -s fd/2 "$r/dev/stderr"

	mount -t tmpfs -o mode=755,nosuid,nodev tmpfs "$r/run"
	mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$r/tmp"
	mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$r/var/tmp"

	# --- configuration of the booted system: only what the tests need ---
	rm -rf "$r"/etc/systemd/system "$r"/etc/systemd/*.conf.d "$r"/var/log/journal
	mkdir -p "$r"/etc/systemd/system "$r"/etc/systemd/journald.conf.d
	: >"$r/etc/fstab"
	echo "sdfix" >"$r/etc/hostname"
	tr -d - </proc/sys/kernel/random/uuid >"$r/etc/machine-id"
	# volatile journal, no rate limit (a burst of test lines must not be lost),
	# never the host's audit or kernel log
	cat >"$r/etc/systemd/journald.conf.d/fixture.conf" <<-E
		[Journal]
		Storage=volatile
		RuntimeMaxUse=256M
		RateLimitIntervalSec=0
		Audit=no
		ReadKMsg=no
		ForwardToSyslog=no
		ForwardToWall=no
	E
	# the boot target: basic.target (journald, dbus.socket, tmpfiles), nothing of
	# the host's own services
	cat >"$r/etc/systemd/system/fixture.target" <<-E
		[Unit]
		Description=Test fixture
		Requires=basic.target
		After=basic.target
		AllowIsolate=yes
	E
	for n in systemd-journald-audit.socket systemd-udevd.service \
		systemd-udevd-control.socket systemd-udevd-kernel.socket \
		systemd-modules-load.service systemd-sysctl.service \
		systemd-binfmt.service proc-sys-fs-binfmt_misc.automount \
		sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount \
		sys-fs-fuse-connections.mount dev-hugepages.mount \
		systemd-random-seed.service systemd-firstboot.service \
		systemd-machine-id-commit.service systemd-pcrphase.service \
		systemd-pcrphase-sysinit.service systemd-repart.service \
		systemd-remount-fs.service systemd-update-utmp.service \
		systemd-ask-password-console.path systemd-ask-password-wall.path \
		systemd-initctl.socket systemd-logind.service \
		systemd-journal-flush.service systemd-tmpfiles-clean.timer; do
		ln -sf /dev/null "$r/etc/systemd/system/$n"
	done

	# --bind / --bind-ro
	local kind src dst
	while [ $# -gt 0 ]; do
		kind=$1 src=${2%%:*} dst=${2#*:}; shift 2
		if [ -d "$src" ]; then mkdir -p "$r$dst"; else mkdir -p "$(dirname "$r$dst")"; [ -e "$r$dst" ] || : >"$r$dst"; fi
		mount --rbind "$src" "$r$dst"
		if [ "$kind" = ro ]; then mount -o remount,bind,ro "$r$dst"; fi
	done

	cd "$r"
	mkdir -p run/host
	echo fixture >run/host/container-manager
	pivot_root . mnt
	umount -l /mnt
	mount --make-rshared /
	cd /
	exec env -i container=fixture PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
		setpriv --bounding-set "$DROP_CAPS" /lib/systemd/systemd --unit=fixture.target --log-level="${SDFIX_LOG_LEVEL:-info}" --show-status=no
}

# --------------------------------------------------------------- outside part

# A pid is remembered together with its kernel start time: a pid alone could
# have been reused by somebody else's process by the time we signal it.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
remember() { echo "$2 $(start_time "$2")" >"$1"; } # FILE PID
recall() { # FILE: prints the pid if that very process still runs
	local pid st
	read -r pid st 2>/dev/null <"$1" || return 1
	[ -n "$st" ] && [ "$(start_time "$pid")" = "$st" ] &&
		[ "$(sed 's/.*) \(.\).*/\1/' "/proc/$pid/stat" 2>/dev/null)" != Z ] && echo "$pid"
}
alive() { recall "$STATE_ROOT/$1/pid" >/dev/null; }

check() { # says why the fixture cannot run here, if so
	[ "$(id -u)" = 0 ] || die "must be root"
	[ -x /lib/systemd/systemd ] || die "no /lib/systemd/systemd (apt-get install systemd)"
	[ -n "$(cgroup2_mount)" ] || die "no cgroup2 mount in /proc/mounts"
	[ -w "$(cgroup2_mount)" ] || die "$(cgroup2_mount) is not writable"
	grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null || die "no overlayfs"
	unshare --pid --fork --mount --uts --ipc --net --cgroup true || die "unshare refused"
}

up() {
	local name=$1 owner='' binds=()
	shift
	while [ $# -gt 0 ]; do
		case $1 in
		--bind) binds+=(rw "$2"); shift 2 ;;
		--bind-ro) binds+=(ro "$2"); shift 2 ;;
		--owner) owner=$2; shift 2 ;;
		*) die "up: unknown option $1" ;;
		esac
	done
	[[ $name =~ ^[a-z0-9-]+$ ]] || die "bad name: $name"
	check
	local dir=$STATE_ROOT/$name cg
	cg=$(cgroup2_mount)/sdfix-$name
	if alive "$name"; then die "$name is already up"; fi
	if [ -e "$dir" ] || [ -e "$cg" ]; then cleanup "$name"; fi # left by a killed run
	mkdir -p "$dir/fs" "$cg"

	# setsid: no controlling tty and out of the caller's process group.  stdin,
	# stdout and stderr are files and higher fds are closed, so the fixture never
	# keeps a pipe of the caller (a CI log, a $(...)) open.
	(
		for fd in /proc/self/fd/*; do
			fd=${fd##*/}
			if [ "$fd" -gt 2 ]; then eval "exec $fd>&-"; fi
		done
		exec setsid unshare --pid --fork --mount --uts --ipc --net --kill-child \
			"$SELF" __enter "$cg" "$dir" "${binds[@]}"
	) </dev/null >"$dir/log" 2>&1 &
	local outer=$! pid='' i state
	remember "$dir/outer" "$outer"
	disown "$outer"
	for ((i = 0; ; i++)); do
		[ -n "$pid" ] || read -r pid _ 2>/dev/null <"/proc/$outer/task/$outer/children" || :
		# systemctl's private socket is there as soon as PID 1 serves it
		if [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = systemd ] &&
			[ -S "/proc/$pid/root/run/systemd/private" ]; then break; fi
		if [ "$i" = 500 ] || ! recall "$dir/outer" >/dev/null; then
			cat "$dir/log" >&2
			cleanup "$name"
			die "$name did not start"
		fi
		sleep 0.02
	done
	remember "$dir/pid" "$pid"
	state=$(fexec "$name" timeout 30 systemctl is-system-running --wait) || :
	if [ "$state" != running ]; then
		fexec "$name" systemctl --no-pager --failed >&2 || :
		fexec "$name" journalctl --no-pager -n 50 >&2 || :
		down "$name"
		die "$name: system state is '$state'"
	fi
	if [ -n "$owner" ]; then
		# tear this instance down when its owner is gone, even by kill -9
		setsid "$SELF" __watch "$name" "$owner" "$pid" </dev/null >/dev/null 2>&1 &
		remember "$dir/watch" $!
		disown $!
	fi
}

watch_owner() { # NAME OWNER PID
	while [ -d "/proc/$2" ]; do
		[ "$(recall "$STATE_ROOT/$1/pid")" = "$3" ] || exit 0
		sleep 0.5
	done
	[ "$(recall "$STATE_ROOT/$1/pid")" = "$3" ] || exit 0
	down "$1"
}

fexec() {
	local name=$1 pid wd=$PWD
	shift
	pid=$(recall "$STATE_ROOT/$name/pid") || die "$name is not up"
	# all namespaces of PID 1; the caller's directory when it exists inside
	[ -d "/proc/$pid/root$wd" ] || wd=/
	nsenter -t "$pid" -a --wdns="$wd" -- setpriv --bounding-set "$DROP_CAPS" "$@"
}

cleanup() { # NAME: make sure nothing of it runs, then remove what is on the host
	local dir=$STATE_ROOT/$1 cg pid i
	cg=$(cgroup2_mount)/sdfix-$1
	# outer is our own unshare; with it (--kill-child) the namespace's PID 1 dies,
	# and with PID 1 the kernel kills everything in the namespace
	if pid=$(recall "$dir/outer"); then kill -KILL "$pid" 2>/dev/null || :; fi
	if [ -e "$cg/cgroup.kill" ]; then echo 1 >"$cg/cgroup.kill" || :; fi
	for ((i = 0; i < 250; i++)); do
		[ -d "$cg" ] || break
		find "$cg" -depth -type d -exec rmdir {} + 2>/dev/null || :
		if [ -d "$cg" ]; then sleep 0.02; fi
	done
	[ ! -d "$cg" ] || die "cgroup $cg is still in use: $(find "$cg" -name cgroup.procs -exec cat {} +)"
	if pid=$(recall "$dir/watch") && [ "$pid" != $$ ]; then kill "$pid" 2>/dev/null || :; fi
	if [ -d "$dir/fs" ]; then rmdir "$dir/fs"; fi
	rm -f "$dir"/{pid,outer,watch,log}
	if [ -d "$dir" ]; then rmdir "$dir"; fi
	rmdir --ignore-fail-on-non-empty "$STATE_ROOT" 2>/dev/null || :
}

# Commands still running through `exec` (their parent, nsenter, is outside the
# namespace) must end first: systemd stops (SIGSTOP) all processes on its way
# down, nsenter then stops itself too, nobody reaps its child, and the kernel
# keeps the PID namespace until that child is reaped.
end_execs() { # PID of the namespace's PID 1
	local ns sig file p pp left
	ns=$(readlink "/proc/$1/ns/pid") || return 0
	for sig in TERM TERM TERM KILL; do
		left=
		# -lname takes a pattern, and the link reads pid:[4026532000]
		while read -r file; do
			p=${file#/proc/} p=${p%%/*}
			pp=$(sed 's/.*) . //; s/ .*//' "/proc/$p/stat" 2>/dev/null) || continue
			if [ "$p" != "$1" ] && [ "$(readlink "/proc/$pp/ns/pid")" != "$ns" ] &&
				kill -s $sig "$p" 2>/dev/null; then left=1; fi
		done < <(find /proc -maxdepth 3 -path '/proc/[0-9]*/ns/pid' -lname "${ns//[\[\]]/?}" 2>/dev/null)
		[ -n "$left" ] || return 0
		sleep 0.1
	done
}

down() {
	local name=$1 pid i
	if pid=$(recall "$STATE_ROOT/$name/pid"); then
		end_execs "$pid"
		kill -s RTMIN+3 "$pid" # start halt.target: every service gets its orderly stop
		for ((i = 0; i < ${SDFIX_STOP_TIMEOUT:-30} * 50; i++)); do
			alive "$name" || break
			sleep 0.02
		done
	fi
	cleanup "$name"
}

run() {
	local rc=0 opts=()
	name=run-$$
	while [ "${1:-}" = --bind ] || [ "${1:-}" = --bind-ro ]; do opts+=("$1" "$2"); shift 2; done
	trap 'down "$name"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	up "$name" "${opts[@]}" --owner $$
	# in the background, so that a signal's trap does not wait for the command
	fexec "$name" "$@" <&0 &
	wait $! || rc=$?
	if [ "$rc" != 0 ] && [ -n "${SDFIX_VERBOSE:-}" ]; then
		fexec "$name" journalctl --no-pager -n 100 >&2 || :
	fi
	exit $rc
}

SELF=$(readlink -f "$0")
case ${1:-} in
check) check; echo "ok" ;;
up) shift; up "$@" ;;
exec) shift; fexec "$@" ;;
down) down "$2" ;;
run) shift; run "$@" ;;
alive) alive "$2" ;;
__watch) watch_owner "$2" "$3" "$4" ;;
# first process of the namespaces: join the fixture's own cgroup, and only then
# make that cgroup the root of a new cgroup namespace.  (The unshare process
# outside must not be in it: systemd refuses a cgroup with pids it cannot see.)
__enter) shift; echo 0 >"$1/cgroup.procs"; shift; exec unshare --cgroup "$SELF" __inside "$@" ;;
__inside) shift; inside "$@" ;;
*) die "usage: check | up NAME [--bind SRC[:DST]] [--bind-ro SRC[:DST]] [--owner PID] | exec NAME CMD... | down NAME | run [--bind ..] CMD..." ;;
esac
