#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# record -p, -t and -u of running processes by ptrace: the values are right, and
# the target does not notice.
. "$(dirname "$0")/capture.sh"
shopt -s extglob
restless=$build/tests/workloads/restless
no_perf=$build/tests/workloads/no_perf
cc=${CC:-gcc}
said=$tmp/said
under=()			# what runs the recorder

# held COMMAND...: $pid waits for a word, then becomes COMMAND
held() {
	rm -f "$tmp/go"
	mkfifo "$tmp/go"
	( read -r _ < "$tmp/go"; exec "$@" ) > "$tmp/target.out" 2>&1 &
	pid=$!
}
go() { echo > "$tmp/go"; }
# recorder OPTIONS...: $rec, when it has attached or failed
recorder() {
	rm -f "$data"
	: > "$said"
	"${under[@]}" timeout -s KILL 60 "$xregs" record --backend=ptrace -o "$data" "$@" 2> "$said" &
	rec=$!
	until grep -q 'sampling by' "$said" || ! kill -0 $rec 2>/dev/null; do sleep 0.02; done
}
# The process of the recorder itself, whose tracer thread has another number.
recorder_pid() { pgrep -P "$rec" -x perf-xregs; }
finish() { tstatus=0 rstatus=0; wait $pid || tstatus=$?; wait $rec || rstatus=$?; }
# attached COMMAND...: all of it, with -p
attached() { held "$@"; recorder -F 1000 -p $pid; go; finish; }
tracer() { awk '/^TracerPid/ { print $2 }' "/proc/$1/status"; }
state() { awk '/^State/ { print $2 }' "/proc/$1/status"; }
refused() { # ERE NAME OPTIONS...
	local ere=$1 name=$2
	shift 2
	run timeout 20 "$xregs" record --backend=ptrace -o "$tmp/none.data" "$@"
	is "$status" 1 "$name: refused"
	like "$err" "^perf-xregs record: cannot record .*$ere" "$name: with the reason"
}

held true
recorder -p $pid
if ! grep -q 'sampling by' "$said"; then
	kill $pid
	skip_all "no process can be traced here: $(cat "$said")"
fi
go; finish
is "$tstatus $rstatus" "0 0" "a program that ends at once"

# ---- values
for how in "as it is" "without perf_event_open"; do
	[ "$how" = "as it is" ] || under=("$no_perf" perf)
	attached "$parked" threads 200 3
	is "$tstatus $(cat "$tmp/target.out") $rstatus" "0 joined 0" "$how: threads run as ever"
	is "$(parked_seeds)" "$(good 1 2 3)" "$how: and their values are right"
	attached bash -c "$parked fork 100; $parked exec 60"
	is "$(parked_seeds | sed 's/[0-9]* threads*/n/')" "$(good 1 2 3 | sed 's/1 thread/n/')" "$how: children and what they start are followed"
	for m in "churn 0 100" "trap 30" "held 30" "eintr 30" vfork; do
		# shellcheck disable=SC2086
		want=$("$parked" $m 2>&1); wanted=$?
		# shellcheck disable=SC2086
		attached "$parked" $m
		is "$tstatus $(cat "$tmp/target.out")" "$wanted $want" "$how: parked $m is not disturbed"
	done
done
under=()
like "$(python3 "$top/tests/capture/samples.py" "$data" summary)" 'ordered=1 contexts=\[2\] late=0' "in order, and user code alone"

held "$parked" threads 150 3
recorder -g -p $pid; go; finish
like "$(python3 "$top/tests/capture/samples.py" "$data" summary)" 'chain=([4-9]|[1-9][0-9])' "-g follows frame pointers"

# Threads that the process has when the recorder comes; of two of them, with -t.
"$parked" threads 1500 3 > "$tmp/target.out" &
pid=$!
until [ "$(find /proc/$pid/task -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" = 4 ]; do sleep 0.02; done
mapfile -t tids < <(printf '%s\n' /proc/$pid/task/* | sed 's|.*/||' | sort -n)
recorder -t "${tids[2]},${tids[3]}" -- sleep 0.3
rstatus=0; wait $rec || rstatus=$?
is "$rstatus" 0 "-t with a command"
is "$(parked_seeds)" "$(good 2 3)" "-t records these threads alone"
is "$(kill -0 $pid && tracer $pid)" 0 "the target runs on, traced by nobody"
recorder -p $pid -- sh -c 'sleep 0.3; exit 3'
rstatus=0; wait $rec || rstatus=$?
is "$rstatus" 3 "the status is that of the command"
is "$(parked_seeds)" "$(good 1 2 3)" "-p records all threads that are there"
wait $pid
is "$? $(cat "$tmp/target.out")" "0 joined" "and the target ends as ever"

# ---- what the file says was recorded
"$parked" threads 5000 3 > "$tmp/target.out" & pid=$!
until [ "$(find /proc/$pid/task -mindepth 1 -maxdepth 1 2>/dev/null | wc -l)" = 4 ]; do sleep 0.02; done
mapfile -t tids < <(printf '%s\n' /proc/$pid/task/* | sed 's|.*/||' | sort -n)
ascii() { LC_ALL=C "$xregs" "$@"; }
recorded() { # WANTED COMMAND OPTIONS...
	local want=$1 command=$2
	shift 2
	recorder "$@"
	if [ -z "$command" ]; then sleep 0.05; kill -INT "$(recorder_pid)"; fi
	wait $rec
	is "$(ascii report --stdio -i "$data" 2> "$tmp/err" | sed -n '1s/ | .*//p')" "# $want" "the head of record $*"
	is "$("$xregs" report --json -i "$data" 2> "$tmp/err" | python3 -c '
import json, sys
o = json.loads(sys.stdin.readline())
print(o.get("target", "none"), o.get("while", "none"), o.get("command", "none"))')" "${want%, while*} ${command:-none} none" "... in JSON"
	if command -v perf > /dev/null; then
		like "$(perf script --header-only -i "$data" 2>&1)" "^# cmdline : perf-xregs record .*${*//[\[\]]/.}" "... and for stock perf, the command line"
	else
		skip "... and for stock perf, the command line" "there is no perf here (package linux-perf)"
	fi
}
recorded "process $pid (parked), while sleep 0.1 ran" "sleep 0.1" -p $pid -- sleep 0.1
like "$("$xregs" report --csv -i "$data")" "^# process $pid \(parked\), while sleep 0.1 ran" "... in CSV"
"$xregs" report --html="$tmp/page.html" -i "$data" 2> "$tmp/err"
like "$(cat "$tmp/page.html")" "<title>perf xregs report: [^<]*: process $pid \(parked\), while sleep 0.1 ran</title>" "... in a page's title"
like "$("$xregs" convert -q --to firefox -i "$data")" "\"product\":\"process $pid \(parked\), while sleep 0.1 ran\"" "... and in a profile for Firefox"
"$xregs" convert -q --to perf --strip -i "$data" -o "$tmp/copy.data"
like "$(ascii report --stdio -i "$tmp/copy.data")" "^# process $pid \(parked\), while sleep 0.1 ran \|" "a copy says the same"
like "$("$xregs" script --json -i "$data" | head -n 1)" "\"target\":\"process $pid \(parked\)\"" "script --json, too"
recorded "threads ${tids[2]} (parked), ${tids[3]} (parked)" "" -t "${tids[2]},${tids[3]}"
kill $pid
wait $pid 2> /dev/null

# ---- sleepers: no call is cut short
if "$xregs" check | grep -q '^attach .*sleeping ones stay asleep'; then
	attached "$restless" 80
	is "$(grep -v ': 0 bad, 0 early$' "$tmp/target.out")" "ready" "no sleeping system call is disturbed"
else
	skip "no sleeping system call is disturbed" "$("$xregs" check | grep '^attach')"
fi
under=("$no_perf" perf)
attached "$restless" 60 nanosleep futex poll select epoll_wait sigtimedwait semtimedop recv read accept
is "$(grep -v ': 0 bad, 0 early$' "$tmp/target.out")" "ready" "nor without perf_event_open"
under=()

# ---- stops
"$parked" spin 600 4 > "$tmp/target.out" & pid=$!
kill -STOP $pid
until [ "$(state $pid)" = T ]; do sleep 0.01; done
recorder -p $pid
sleep 0.05
like "$(state $pid)" '[Tt]' "a stopped process stays stopped when it is attached to"
kill -CONT $pid
until [ "$(state $pid)" = R ]; do sleep 0.01; done
kill -STOP $pid
until [[ "$(state $pid)" = [Tt] ]]; do sleep 0.01; done
cpu() { awk '{ print $14 + $15 }' /proc/$pid/stat; }
before=$(cpu); sleep 0.1
is "$(cpu)" "$before" "SIGSTOP stops it"
kill -CONT $pid
finish
is "$tstatus $rstatus" "0 0" "SIGCONT lets it go on"
is "$(parked_seeds)" "$(good 4)" "with the right values"

# ---- whatever becomes of the recorder, the target runs on
# At 10 kHz it is within a stop about half of the time.
for i in 1 2 3 4 5 6; do
	"$parked" spin 100000 5 & pid=$!
	recorder -F 10000 -p $pid
	sleep 0.0$i
	kill -KILL "$(recorder_pid)"
	rstatus=0; wait $rec || rstatus=$?
	is "$rstatus $(tracer $pid) $(state $pid)" "137 0 R" "SIGKILL of the recorder ($i)"
	kill $pid; wait $pid 2>/dev/null
done 2>/dev/null
for sig in INT TERM; do
	"$parked" spin 100000 5 & pid=$!
	recorder -p $pid
	sleep 0.1
	kill -$sig "$(recorder_pid)"
	rstatus=0; wait $rec || rstatus=$?
	is "$rstatus $(tracer $pid) $(state $pid)" "0 0 R" "SIG$sig ends the recording and leaves the target running"
	kill $pid; wait $pid 2>/dev/null
	is "$(parked_seeds)" "$(good 5)" "and the file is whole"
done 2>/dev/null
"$parked" spin 100000 5 & pid=$!
(ulimit -f 100; exec "$xregs" record -q --backend=ptrace -F 4000 -o "$data" -p $pid) 2> "$said"
is "$? $(tracer $pid)" "1 0" "a full disk ends the recording, not the target"
like "$(cat "$said")" "cannot write to .*File too large" "with the reason"

# ---- refusals
recorder -p $pid
refused "process $pid \(parked\): it is traced by process [0-9]+ \(perf-xregs\), and only one can" "a second recorder" -p $pid
kill -INT "$(recorder_pid)"; wait $rec
if command -v gdb >/dev/null; then
	mkfifo "$tmp/gdb.in"
	gdb -nx -q -p $pid < "$tmp/gdb.in" >/dev/null 2>&1 & gdb=$!
	exec 9> "$tmp/gdb.in"
	until [ "$(tracer $pid)" = $gdb ]; do sleep 0.05; done
	refused "traced by process $gdb \(gdb\)" "a debugger" -p $pid
	exec 9>&-
	wait $gdb
else
	skip "a debugger" "no gdb here"
fi
kill $pid; wait $pid 2>/dev/null
refused "process 999999999: there is none" "a number that nobody has" -p 999999999
refused "thread 999999999: there is none" "a thread's" -t 999999999
sh -c 'true & exec sleep 5' & pid=$!
until z=$(pgrep -P $pid) && [ "$(state "$z")" = Z ]; do sleep 0.02; done
refused "process $z .*a zombie" "a zombie" -p "$z"
kill $pid; wait $pid 2>/dev/null
kthread=$(pgrep -P 2 2>/dev/null | head -n 1)
if [ -n "$kthread" ]; then
	refused "process $kthread .*kernel thread" "a kernel thread" -p "$kthread"
else
	skip "a kernel thread" "none is to be seen here"
fi
run "$xregs" record -o "$data" -p x
is "$status" 2 "a list that is none: status 2"
run "$xregs" record -o "$data" -u no-such-user
is "$status" 2 "a user that is not there: status 2"
run "$xregs" record -o "$data" --backend=sigtrap -p $$
is "$status" 2 "a backend that cannot: status 2"
like "$err" "with -p by sigtrap: only backends kernel and ptrace can" "with the reason"
if echo 'int main(void) { for (;;); }' > "$tmp/m.c" && $cc -m32 -nostdlib -static -Wl,-e,main -o "$tmp/m32" "$tmp/m.c" 2>/dev/null && { "$tmp/m32" & pid=$!; sleep 0.1; kill -0 $pid; }; then
	refused "process $pid \(m32\): it is a 32-bit program" "a 32-bit program" -p $pid
	kill $pid
else
	skip "a 32-bit program" "this compiler makes none, or the kernel runs none"
fi 2>/dev/null

# ---- users
nobody=$(id -u nobody 2>/dev/null)
if [ "$(id -u)" = 0 ] && [ -n "$nobody" ] && command -v setpriv >/dev/null; then
	as_nobody() { setpriv --reuid="$nobody" --clear-groups "$@"; }
	cp "$parked" "$tmp/parked"; chmod 755 "$tmp" "$tmp/parked"
	"$parked" spin 100000 8 & own=$!
	as_nobody "$tmp/parked" spin 700 6 & pid=$!
	recorder -u nobody
	as_nobody "$tmp/parked" spin 700 7 & new=$!
	wait $pid $new
	is "$(tracer $own)" 0 "-u leaves other users' processes alone"
	kill $own
	kill -INT "$(recorder_pid)"; wait $rec
	is "$(parked_seeds)" "$(good 6 7)" "-u records the user's processes, new ones too"
	"$parked" spin 100000 5 & pid=$!
	cp "$xregs" "$tmp/xregs"
	run as_nobody "$tmp/xregs" record -o /dev/null -p $pid
	like "$err" "process $pid \(parked\): it belongs to user root; root or CAP_SYS_PTRACE" "another user's process"
	kill $pid
else
	skip "users" "needs root, setpriv and a user nobody"
fi 2>/dev/null

# ---- namespaces, filters
if unshare -pfm --mount-proc true 2>/dev/null; then
	mkdir -p "$tmp/mnt" "$tmp/home"
	held unshare -pfm --mount-proc sh -c "mount -t tmpfs none $tmp/mnt && cp $parked $tmp/mnt/inner && $tmp/mnt/inner spin 200 9"
	HOME=$tmp/home recorder -p $pid; go; finish
	is "$(parked_seeds)" "$(good 9)" "a process of other pid and mount namespaces"
	like "$(HOME=$tmp/home "$xregs" report --stdio -i "$data" 2>&1)" ' park(512|256|128) +inner' "its file is kept, and so are its symbols"
else
	skip "namespaces" "unshare is refused here"
fi
attached "$no_perf" perf,timer,ptrace "$parked" spin 80 3
is "$(parked_seeds)" "$(good 3)" "a process with a seccomp filter"

# ---- threads that come to an end
last=$build/tests/workloads/last_thread
attached "$last" "$parked" spin 80 4
is "$(parked_seeds)" "$(good 4)" "exec in a thread other than the first"
"$last" > "$tmp/target.out" & pid=$!
until [ "$(state $pid)" = Z ]; do sleep 0.01; done
recorder -p $pid; finish
is "$tstatus $(cat "$tmp/target.out") $rstatus" "0 done 0" "a process whose first thread has ended"
like "$("$xregs" report --stdio -i "$data" 2>&1)" ' hot_loop +last_thread' "with its symbols"
plan_done
