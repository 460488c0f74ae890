#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# All registers of one stop: gdb's against ours. The program spins with its
# registers at rest, so that every stop shows the same ones.
. "$(dirname "$0")/capture.sh"
command -v gdb >/dev/null || skip_all "no gdb here"

cat > "$tmp/regs.py" <<'END'
"""The last sample in the parked loop of a recording: name=hex."""
import struct, sys
sys.path.insert(0, sys.argv[1])
import samples

path, mode = sys.argv[2:4]
if mode == "ours":
    best = None
    for kind, _, s in samples.records(path):
        if kind == 9 and s["regs"].get(23, 0) >> 32 == 0x7061726b:
            best = s
    (b,) = samples.blocks(best["raw"])
    comps = b["comps"]
    n = 32 if sys.argv[4] == '64' else 16
    for i in range(n):
        print(f"v{i}={samples.vector(comps, i)[:int(sys.argv[4])].hex()}")
    for k in range(8 if n == 32 else 0):
        print(f"k{k}={struct.unpack_from('<Q', comps[5], 8 * k)[0]:#x}")
    print(f"mxcsr={b['mxcsr']:#x}")
    # In its init state there are no bytes: FCW 0x37f, the rest 0 [SDM 13.6].
    x87 = comps.get(0, b'\x7f\x03' + bytes(158))
    print(f"fctrl={struct.unpack_from('<H', x87, 0)[0]:#x}")
    print(f"fstat={struct.unpack_from('<H', x87, 2)[0]:#x}")
    for i in range(8):
        print(f"st{i}={x87[32 + 16 * i:42 + 16 * i].hex()}")
    for name, nr in (("rbx", 1), ("rbp", 6), ("rsi", 4), ("rdi", 5), ("r12", 20), ("r13", 21), ("r14", 22), ("r15", 23)):
        print(f"{name}={best['regs'][nr]:#x}")
END
cat > "$tmp/gdb.py" <<'END'
import gdb
width = int(gdb.parse_and_eval("$width"))
names = {16: "xmm", 32: "ymm", 64: "zmm"}[width]
frame = gdb.selected_frame()
def hexbytes(v, n):
    f = v["v%d_int8" % n]
    return "".join("%02x" % (int(f[j]) & 0xff) for j in range(n))
for i in range(32 if width == 64 else 16):
    print("v%d=%s" % (i, hexbytes(frame.read_register(names + str(i)), width)))
if width == 64:
    for k in range(8):
        print("k%d=%#x" % (k, int(frame.read_register("k%d" % k))))
print("mxcsr=%#x" % (int(gdb.parse_and_eval("(int)$mxcsr")) & 0xffffffff))
print("fctrl=%#x" % (int(frame.read_register("fctrl")) & 0xffff))
print("fstat=%#x" % (int(frame.read_register("fstat")) & 0xffff))
for i in range(8):
    raw = gdb.execute("info registers st%d" % i, to_string=True).split("raw 0x")[1].split(")")[0]
    print("st%d=%s" % (i, bytes.fromhex(raw.zfill(20))[::-1].hex()))
for r in ("rbx", "rbp", "rsi", "rdi", "r12", "r13", "r14", "r15"):
    print("%s=%#x" % (r, int(frame.read_register(r)) & (2**64 - 1)))
END

width=16
grep -qw avx /proc/cpuinfo && width=32
# gdb before 14 has the offsets of Intel's AVX-512 in its code (gdb bug 29951).
if has_avx512; then
	major=$(gdb --version | sed -n '1s/.* \([0-9]*\)\..*/\1/p')
	if [ "$major" -ge 14 ] || grep -q GenuineIntel /proc/cpuinfo; then
		width=64
	else
		skip "ZMM and masks against gdb" "gdb $major reads AVX-512 state at Intel's offsets; values.t checks these"
	fi
fi

# The recorder is killed, and gdb looks at the same process, which still spins
# in the same loop: the registers are those of every sample.
for b in $(backends); do
	rm -f "$data"
	"$xregs" record -q --backend="$b" --sample-regs=vector,x87 -F 2000 -o "$data" -- "$parked" spin 20000 6 &
	pid=$!
	sleep 1.5
	target=$(pgrep -P "$pid")
	kill -KILL "$pid"
	wait "$pid" 2>/dev/null
	# The agent's handler may be at work when gdb comes: then once more.
	for try in 1 2 3 4 5 6 7 8; do
		gdb -q -batch -ex "handle SIGTRAP nostop noprint pass" -p "$target" -ex "set \$width=$width" -x "$tmp/gdb.py" 2>/dev/null | grep -E '^[a-z0-9]+=' > "$tmp/gdb.regs"
		grep -q '^r15=0x7061726b' "$tmp/gdb.regs" && break
	done
	kill -KILL "$target"
	python3 "$tmp/regs.py" "$top/tests/capture" "$data" ours "$width" > "$tmp/our.regs"
	is "$(diff "$tmp/gdb.regs" "$tmp/our.regs" | grep -v '^[0-9]')" "" "$b: $(grep -c . "$tmp/our.regs") registers are as gdb shows them"
done
plan_done
