#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# A program prints the same and ends the same with and without a recorder.
. "$(dirname "$0")/capture.sh"
ulimit -c 0
ulimit -Sn 512

same() { # BACKEND NAME COMMAND...
	local b=$1 name=$2 want wanted
	shift 2
	wanted=0
	want=$("$@" 2>"$tmp/want.err") || wanted=$?
	rm -f "$data"
	run timeout 60 "$xregs" record -q --backend="$b" -F 4000 -o "$data" -- "$@"
	is "$status: $out$err" "$wanted: $want$(cat "$tmp/want.err")" "$b: $name"
}

for b in $(backends); do
	for m in "threads 40 8" "minstack 40 8" "churn 0 200" "fork 30" "exec 30" spawn vfork \
		"trap 60" "held 30" "trapreset 30" "trapdie 30" "trapignore 30" "blocked 30" "rawblocked 30" \
		"altstack 30 2048" "altstack 30 65536" "noaltstack 20" "eintr 60" "fds 30" rawclone \
		"exit 20 3" "killed 20 9" "killed 20 11" "killed 20 15"; do
		# shellcheck disable=SC2086
		same "$b" "parked $m" "$parked" $m
	done
	same "$b" "python3 with threads and children" python3 -c '
import os, subprocess, threading
sums = []
def work(n): sums.append(sum(i * i for i in range(n)))
t = [threading.Thread(target=work, args=(200000,)) for _ in range(3)]
[x.start() for x in t]; [x.join() for x in t]
print(sorted(sums)[0], subprocess.run(["sh", "-c", "echo child; exit 4"]).returncode)
pid = os.fork()
if not pid: os._exit(6)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
raise SystemExit(9)'
	same "$b" "perl with fork, pipe and sort" perl -e 'my $s = 0; $s += sqrt($_) for 1..300000; open(my $p, "-|", "sort -n") ; printf "%.3f\n", $s; print `echo hello`; exit 5'
	same "$b" "the limit of open files" bash -c 'ulimit -Sn'
	same "$b" "a pipeline of a shell" bash -c 'seq 200000 | sort -rn | gzip -c | gzip -dc | cksum; exit 7'
	same "$b" "xz with threads that block all signals" sh -c 'seq 300000 | xz -T2 --block-size=200000 -2 | xz -dc | cksum'
done

if command -v g++ >/dev/null; then
	cat > "$tmp/x.cc" <<'END'
#include <cstdio>
#include <stdexcept>
#include <thread>
#include <vector>
static double deep(int n) { if (!n) throw std::runtime_error("bottom"); volatile double x = n; return deep(n - 1) + x; }
int main()
{
	std::vector<std::thread> t;
	int caught[4] = {};
	for (int k = 0; k < 4; k++)
		t.emplace_back([&caught, k] { for (int i = 0; i < 3000; i++) try { deep(50); } catch (std::exception &e) { caught[k]++; } });
	for (auto &x : t)
		x.join();
	std::printf("%d %d\n", caught[0], caught[3]);
	return 3;
}
END
	g++ -O1 -o "$tmp/x" "$tmp/x.cc" -lpthread
	for b in $(backends); do
		same "$b" "C++ exceptions in four threads" "$tmp/x"
	done
else
	skip "C++ exceptions" "no g++ here"
fi

# openssl prints its own speed: only its end can be compared.
if command -v openssl >/dev/null; then
	run "$xregs" record -q -o "$data" -- openssl speed -seconds 1 -bytes 8192 -evp sha256
	is "$status" 0 "openssl speed ends as ever"
	like "$out" '^sha256 .*k$' "and prints its table"
else
	skip "openssl speed" "no openssl here"
fi
plan_done
