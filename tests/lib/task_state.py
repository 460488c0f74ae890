# SPDX-License-Identifier: GPL-2.0-only
"""task_state.py TID: XSTATE_BV and MXCSR of a sleeping task by ptrace
(NT_X86_XSTATE), as "ymm_hi128=yes zmm_hi256=init ... mxcsr=0x1f80"."""
import ctypes
import os
import struct
import sys

SEIZE, INTERRUPT, DETACH, GETREGSET = 0x4206, 0x4207, 17, 0x4204
NT_X86_XSTATE = 0x202
PARTS = ((2, "ymm_hi128"), (6, "zmm_hi256"), (7, "hi16_zmm"), (5, "opmask"))

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


class Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]


def ptrace(request, tid, addr=0, data=0):
    if libc.ptrace(request, tid, addr, data) < 0:
        sys.exit("ptrace: " + os.strerror(ctypes.get_errno()))


def main():
    tid = int(sys.argv[1])
    buf = ctypes.create_string_buffer(16384)
    iov = Iovec(ctypes.cast(buf, ctypes.c_void_p), len(buf))
    ptrace(SEIZE, tid)
    ptrace(INTERRUPT, tid)
    os.waitpid(tid, 0x40000000)
    ptrace(GETREGSET, tid, NT_X86_XSTATE, ctypes.addressof(iov))
    ptrace(DETACH, tid)
    bv = struct.unpack_from("<Q", buf.raw, 512)[0]
    mxcsr = struct.unpack_from("<I", buf.raw, 24)[0]
    words = [f"{name}={'yes' if bv >> nr & 1 else 'init'}" for nr, name in PARTS]
    print(*words, "daz" if mxcsr & 0x40 else "nodaz")


main()
