#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# Programs of several languages, as their tool chains make them: started by record
# and attached to by -p they print and end as ever, and the hot function has a name.
. "$(dirname "$0")/capture.sh"
cd "$tmp" || exit 1
maps=()				# /tmp/perf-PID.map files, to be removed
trap 'rm -rf "$tmp" "${maps[@]}"' EXIT

# language NAME BACKEND ERE COMMAND...: ERE is of a line of the report
language() {
	local name=$1 backend=$2 ere=$3 want wanted=0
	shift 3
	"$@" > want.out 2>/dev/null & leave_map $!
	wait $! || wanted=$?
	want=$(cat want.out)
	rm -f "$data"
	run timeout 120 "$xregs" record -g -o "$data" -- "$@"
	is "$status: $out" "$wanted: $want" "$name: prints and ends as ever"
	like "$err" "sampling by $backend " "$name: by $backend"
	recorded_maps
	like "$("$xregs" report --stdio --percent-limit 0 -i "$data" 2>&1)" "$ere" "$name: the hot function is named"
	attach "$name" "$wanted: $want" "$ere" "$@"
}

# The same, with all of its threads seized before it begins.
attach() { # NAME WANTED ERE COMMAND...
	local name=$1 want=$2 ere=$3 pid rec status=0
	shift 3
	rm -f go && mkfifo go
	( read -r _ < go; exec "$@" ) > out 2>/dev/null & pid=$!
	timeout 120 "$xregs" record --backend=ptrace -o "$data" -p $pid 2> said & rec=$!
	until grep -q 'sampling by' said || ! kill -0 $rec 2>/dev/null; do sleep 0.02; done
	if ! grep -q 'sampling by' said; then
		kill $pid
		skip "$name: attached to" "$(cat said)"
		return
	fi
	echo > go
	wait $pid || status=$?
	wait $rec
	is "$status: $(cat out)" "$want" "$name: attached to, it prints and ends as ever"
	leave_map $pid
	like "$("$xregs" report --stdio --percent-limit 0 -i "$data" 2>&1)" "$ere" "$name: attached to, the hot function is named"
}

# The map that a program has left is to go with the test.
leave_map() { maps+=("/tmp/perf-$1.map"); }
recorded_maps() {
	local p
	for p in $(python3 - "$data" "$top/tests/capture" <<'END'
import sys
sys.path.insert(0, sys.argv[2])
import samples
print(*{s["pid"] for kind, _, s in samples.records(sys.argv[1]) if kind == 9})
END
	); do
		leave_map "$p"
	done
}

agent=timer
if has_sigtrap; then agent=sigtrap; fi

# ---- C++
cat > hot.cc <<'END'
#include <cmath>
#include <cstdio>
#include <vector>
namespace work {
__attribute__((noinline)) double hot(const std::vector<double> &v) { double s = 0; for (double x : v) s += std::sqrt(x) * x; return s; }
}
int main() { std::vector<double> v(100000, 2.0); double s = 0; for (int i = 0; i < 600; i++) s += work::hot(v); std::printf("%.3e\n", s); return 3; }
END
if command -v g++ >/dev/null; then
	g++ -O2 -fno-omit-frame-pointer -o hot_cc hot.cc
	language "C++" $agent ' work::hot +hot_cc' ./hot_cc
else
	skip "C++" "no g++ here"
fi

# ---- Rust
cat > hot.rs <<'END'
mod work {
    #[inline(never)]
    pub fn hot(v: &[f64]) -> f64 { v.iter().map(|x| x.sqrt() * x).sum() }
}
fn main() {
    let v = std::hint::black_box(vec![2.0f64; 100000]);
    let t: Vec<_> = (0..2).map(|_| { let v = v.clone(); std::thread::spawn(move || (0..400).map(|_| work::hot(std::hint::black_box(&v))).sum::<f64>()) }).collect();
    let s: f64 = t.into_iter().map(|t| t.join().unwrap()).sum();
    println!("{:.3e}", s);
    std::process::exit(4);
}
END
if command -v rustc >/dev/null && rustc -O -o hot_rs hot.rs 2>/dev/null; then
	language "Rust" $agent 'work::hot' ./hot_rs
else
	skip "Rust" "no rustc here that works"
fi

# ---- Go: by ptrace, since its runtime handles signals itself
cat > hot.go <<'END'
package main

import (
	"fmt"
	"math"
	"os"
	"runtime"
)

//go:noinline
func hot(v []float64) float64 {
	s := 0.0
	for _, x := range v {
		s += math.Sqrt(x) * x
	}
	return s
}

func main() {
	v := make([]float64, 100000)
	for i := range v {
		v[i] = 2
	}
	c := make(chan float64)
	for g := 0; g < 4; g++ {
		go func() {
			s := 0.0
			for i := 0; i < 200; i++ {
				s += hot(v)
				if i%20 == 0 {
					runtime.GC()
				}
			}
			c <- s
		}()
	}
	fmt.Printf("%.3e\n", <-c+<-c+<-c+<-c)
	os.Exit(5)
}
END
if command -v go >/dev/null && HOME=$tmp GOFLAGS=-mod=mod GO111MODULE=off go build -o hot_go hot.go 2>/dev/null; then
	language "Go" ptrace ' main\.hot ' ./hot_go
else
	skip "Go" "no go here that works (package golang-go)"
fi

# ---- Java: the JVM writes the map of its code at its end, from version 17 on
cat > Hot.java <<'END'
public class Hot {
	static double hot(double[] v) { double s = 0; for (double x : v) s += Math.sqrt(x) * x; return s; }
	public static void main(String[] a)
	{
		double[] v = new double[100000];
		java.util.Arrays.fill(v, 2);
		double s = 0;
		for (int i = 0; i < 1000; i++)
			s += hot(v);
		System.out.printf("%.3e%n", s);
		System.exit(6);
	}
}
END
java_works() { "${java[@]}" > /dev/null 2>&1 & leave_map $!; wait $!; [ $? = 6 ]; }
java=(java -XX:+UseSerialGC -XX:+UnlockDiagnosticVMOptions -XX:+DumpPerfMapAtExit -XX:+PreserveFramePointer -cp . Hot)
if command -v java >/dev/null && command -v javac >/dev/null && javac Hot.java 2>/dev/null && java_works; then
	language "Java" $agent '(double Hot\.hot\(double\[\]\)|Hot::hot)' "${java[@]}"
else
	skip "Java" "no JDK 17 or newer here"
fi

# ---- Node.js
cat > hot.js <<'END'
function hot(v) { let s = 0; for (const x of v) s += Math.sqrt(x) * x; return s; }
const v = new Float64Array(100000).fill(2);
let s = 0;
for (let i = 0; i < 700; i++) s += hot(v);
console.log(s.toExponential(3));
process.exit(7);
END
if command -v node >/dev/null; then
	language "Node.js" $agent '[*^~]hot ' node --perf-basic-prof hot.js
else
	skip "Node.js" "no node here"
fi

# ---- Python with numpy: its kernels are those of a library
cat > hot.py <<'END'
import sys
import numpy
a = numpy.full((400, 400), 1.5)
s = sum(float((a @ a).sum()) for _ in range(25))
print("%.3e" % s)
sys.exit(8)
END
for python in python3 /usr/bin/python3 ""; do
	if [ -n "$python" ] && "$python" -c 'import numpy' 2>/dev/null; then break; fi
done
if [ -n "$python" ]; then
	language "Python" $agent '(gemm_|GEMM_|DOUBLE_.*matmul)[^ ]* +[^ ]*(blas|umath)' "$python" hot.py
else
	skip "Python" "no numpy here (package python3-numpy)"
fi
plan_done
