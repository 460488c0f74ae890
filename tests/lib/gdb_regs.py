# SPDX-License-Identifier: GPL-2.0-only
"""gdb -x: every register of every thread of a core: =TID NAME HEX."""
import gdb

VECTORS = [("xmm", 16, 16), ("ymm", 16, 32), ("zmm", 32, 64)]
GENERAL = "rax rbx rcx rdx rsi rdi rbp rsp r8 r9 r10 r11 r12 r13 r14 r15 rip eflags".split()


def integer(name, size):
    try:
        value = gdb.parse_and_eval("$" + name)
        if value.type.code == gdb.TYPE_CODE_VOID:
            return None
        if value.type.code == gdb.TYPE_CODE_UNION:
            lanes = value["v%d_int64" % (size // 8)]
            words = [int(lanes[i]) & (1 << 64) - 1 for i in range(size // 8)]
            return sum(w << 64 * i for i, w in enumerate(words))
        return int(value) & (1 << 8 * size) - 1
    except (gdb.error, ValueError, OverflowError):
        return None


def say(tid, name, value, size):
    if value is not None:
        print("=%d %s %0*x" % (tid, name, 2 * size, value))


def x87(name):
    text = gdb.execute("info registers " + name, to_string=True)
    at = text.rfind("(raw 0x")
    return int(text[at + 5:].split(")")[0], 16) if at >= 0 else None


for thread in gdb.selected_inferior().threads():
    thread.switch()
    tid = thread.ptid[1]
    for cls, count, size in VECTORS:
        for i in range(count):
            say(tid, "%s%d" % (cls, i), integer("%s%d" % (cls, i), size), size)
    for i in range(8):
        say(tid, "k%d" % i, integer("k%d" % i, 8), 8)
    for name in GENERAL:
        say(tid, name, integer(name, 8), 8)
    text = gdb.execute("info registers mxcsr", to_string=True)
    say(tid, "mxcsr", int(gdb.parse_and_eval("(unsigned int)$mxcsr")) if "mxcsr" in text else None, 4)
    say(tid, "pkru", integer("pkru", 4), 4)
    # gdb counts the stack from its top, and so does the image
    for i in range(8):
        say(tid, "st%d" % i, x87("st%d" % i), 10)
