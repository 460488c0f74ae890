# SPDX-License-Identifier: GPL-2.0-only
"""Vector registers of a perf.data file for perf's Python scripts.

As a script:

    perf script -i FILE -s xregs.py [regs=ymm0-3,k1,mxcsr] [type=f32]

As a module of a script of your own:

    import xregs

    def process_event(event):
        state = xregs.user(event)          # None: no registers in this sample
        ymm3 = state["ymm3"] if state else None
        if ymm3 is not None:               # None: unknown, never 0
            print(event["comm"], ymm3["f32"])

A register is a dict: "state" is "value" or "init" (XSAVE's initial
configuration), "bytes" its bytes, least significant first, "hex" the same as a
number, and each lane type (i8 u8 i16 u16 i32 u32 i64 u64 f16 bf16 f32 f64) a
list of its lanes. MXCSR and PKRU have "u32" alone.

Files hold the registers as PERF_SAMPLE_RAW payload; what "perf xregs convert
--to perf" writes always does. Nothing of this machine's CPU is looked at.
"""

import re
import struct
import sys

MAGIC, VERSION = 0x54535258, 1
HEAD = struct.Struct("<IHHQQQQQII")
NONE, USER_LIVE, USER_SAVED, KERNEL_LIVE = range(4)
NO_XINUSE, NO_MXCSR = 8, 16

FP, SSE, YMM, OPMASK, ZMM_HI256, HI16_ZMM, PKRU, CET_USER = 0, 1, 2, 5, 6, 7, 9, 11
XTILE_CFG, XTILE_DATA, APX = 17, 18, 19
# Bytes of each component that holds registers [SDM vol. 1, 13.5].
SIZE = {FP: 160, SSE: 256, YMM: 256, OPMASK: 64, ZMM_HI256: 512, HI16_ZMM: 1024, PKRU: 8,
        CET_USER: 16, XTILE_CFG: 64, XTILE_DATA: 8192, APX: 128}
X87 = {"fcw": (0, 2), "fsw": (2, 2), "ftw": (4, 1), "fop": (6, 2), "fip": (8, 8), "fdp": (16, 8)}
FCW_INIT = 0x37F
LANES = {"i8": "b", "u8": "B", "i16": "h", "u16": "H", "i32": "i", "u32": "I", "i64": "q",
         "u64": "Q", "f16": "e", "f32": "f", "f64": "d"}


class Register(dict):
    """A register whose lanes are made when they are asked for."""

    def __init__(self, name, data, init):
        super().__init__(state="init" if init else "value", bytes=data)
        self.name = name

    def __missing__(self, key):
        data = self["bytes"]
        if key == "hex":
            self[key] = "0x" + data[::-1].hex()
        elif key == "bf16":
            halves = struct.unpack("<%dH" % (len(data) // 2), data)
            self[key] = [struct.unpack("<f", struct.pack("<I", h << 16))[0] for h in halves]
        elif key in LANES:
            size = struct.calcsize(LANES[key])
            self[key] = list(struct.unpack("<%d%s" % (len(data) // size, LANES[key]), data[:len(data) // size * size]))
        else:
            raise KeyError(key)
        return self[key]


def _vector(index, width):
    """The pieces of a vector register: (component, offset, bytes), low first."""
    if index >= 16:
        return [(HI16_ZMM, 64 * (index - 16), width)]
    pieces = [(SSE, 16 * index, 16), (YMM, 16 * index, 16), (ZMM_HI256, 32 * index, 32)]
    return pieces[:{16: 1, 32: 2, 64: 3}[width]]


def _pieces():
    table = {}
    for cls, width in ("xmm", 16), ("ymm", 32), ("zmm", 64):
        for i in range(32):
            table["%s%d" % (cls, i)] = _vector(i, width)
    for i in range(8):
        table["k%d" % i] = [(OPMASK, 8 * i, 8)]
        table["st%d" % i] = [(FP, 32 + 16 * i, 10)]
        table["tmm%d" % i] = [(XTILE_DATA, 1024 * i, 1024)]
    for i in range(16):
        table["r%d" % (16 + i)] = [(APX, 8 * i, 8)]
    table.update({n: [(FP, at, size)] for n, (at, size) in X87.items()})
    table.update(pkru=[(PKRU, 0, 4)], ssp=[(CET_USER, 8, 8)], tilecfg=[(XTILE_CFG, 0, 64)])
    return table


PIECES = _pieces()


class State(object):
    """One register state: state["ymm3"] is a Register, or None when unknown."""

    def __init__(self, data):
        if len(data) < HEAD.size:
            raise ValueError("xregs: a block of %d bytes; its head has %d" % (len(data), HEAD.size))
        (self.size, self.context, self.flags, self.requested, self.captured, self.xfeatures,
         xinuse, self.xfd, mxcsr, reserved) = HEAD.unpack_from(data)
        if (self.size < HEAD.size or self.size % 8 or self.size > len(data) or reserved or
                self.captured & ~self.requested or self.xfeatures & ~self.captured or self.captured & self.xfd):
            raise ValueError("xregs: the head of a block contradicts itself")
        none = self.context == NONE
        self.xinuse = None if none or self.flags & NO_XINUSE else xinuse
        self.mxcsr = None if none or self.flags & NO_MXCSR else mxcsr
        self._data = {}
        at = HEAD.size
        for nr in range(63):
            if not self.xfeatures >> nr & 1:
                continue
            if nr not in SIZE:
                raise ValueError("xregs: component %d is not known here" % nr)
            self._data[nr] = bytes(data[at:at + SIZE[nr]])
            at += SIZE[nr]
        if at != self.size:
            raise ValueError("xregs: a block of %d bytes holds %d" % (self.size, at))

    def _piece(self, nr, offset, size):
        if not self.captured >> nr & 1:
            return None
        if nr not in self._data:
            return b"\0" * size
        return self._data[nr][offset:offset + size]

    def __getitem__(self, name):
        if name == "mxcsr":
            return None if self.mxcsr is None else Register(name, struct.pack("<I", self.mxcsr), False)
        pieces = PIECES[name]
        parts = [self._piece(*p) for p in pieces]
        if None in parts:
            return None
        init = not any(p[0] in self._data for p in pieces)
        if init and name == "fcw":
            parts = [struct.pack("<H", FCW_INIT)]
        return Register(name, b"".join(parts), init)

    def __iter__(self):
        yield "mxcsr"
        for name in PIECES:
            yield name

    def registers(self):
        """Every register by name; None for those that are unknown."""
        return {name: self[name] for name in self}


def blocks(raw):
    """The states in a raw payload: [] when it is not of perf-xregs."""
    if raw is None or len(raw) < 8:
        return []
    raw = bytes(raw)
    magic, version, count = struct.unpack_from("<IHH", raw)
    if magic != MAGIC:
        return []
    if version != VERSION:
        raise ValueError("xregs: payload of version %d; this reads %d" % (version, VERSION))
    states, at = [], 8
    for _ in range(count):
        states.append(State(raw[at:]))
        at += states[-1].size
    return states


def user(event):
    """The user state of perf's event dict, or None."""
    for state in blocks(event.get("raw_buf")):
        if state.context in (USER_LIVE, USER_SAVED):
            return state
    return None


def kernel(event):
    """The state of the kernel that the sample hit, or None."""
    for state in blocks(event.get("raw_buf")):
        if state.context == KERNEL_LIVE:
            return state
    return None


def names(text):
    """Register names of a list such as "ymm0-3,k1,mxcsr"."""
    classes = {"xmm": 16, "ymm": 16, "zmm": 32}
    found = []
    for item in text.split(","):
        m = re.match(r"^([a-z]+)(\d+)-(?:\1)?(\d+)$", item)
        if m:
            found += ["%s%d" % (m.group(1), i) for i in range(int(m.group(2)), int(m.group(3)) + 1)]
        elif item in classes:
            found += ["%s%d" % (item, i) for i in range(classes[item])]
        elif item == "opmask":
            found += ["k%d" % i for i in range(8)]
        else:
            found.append(item)
    for name in found:
        if name != "mxcsr" and name not in PIECES:
            raise ValueError("xregs: no register '%s'" % name)
    return found


def line(name, register, lane_type):
    if register is None:
        return "%12s  ?" % name
    text = "%12s  %s" % (name, "init" if register["state"] == "init" else register["hex"])
    if lane_type and len(register["bytes"]) >= 8:
        text += "  %s {%s}" % (lane_type, ", ".join("%g" % v if lane_type[0] in "fb" else str(v) for v in register[lane_type]))
    return text


# ---- perf script calls these --------------------------------------------------

_counts = {"samples": 0, "without": 0}
_options = {"regs": None, "type": None}


def trace_begin():
    for argument in sys.argv[1:]:
        key, _, value = argument.partition("=")
        if key not in _options or not value:
            raise ValueError("xregs: argument '%s'; there are regs=LIST and type=TYPE" % argument)
        _options[key] = value
    if _options["regs"]:
        _options["regs"] = names(_options["regs"])
    if _options["type"] and _options["type"] not in LANES and _options["type"] != "bf16":
        raise ValueError("xregs: no lane type '%s'" % _options["type"])


def process_event(event):
    sample = event["sample"]
    _counts["samples"] += 1
    print("%s %d/%d %s %x %s (%s)" % (event["comm"], sample["pid"], sample["tid"], event["ev_name"],
                                      sample["ip"], event.get("symbol", "[unknown]"), event.get("dso", "[unknown]")))
    state = user(event)
    if state is None:
        _counts["without"] += 1
        return
    for name in _options["regs"] or [n for n in state if state[n] is not None]:
        print(line(name, state[name], _options["type"]))


def trace_end():
    print("# %(samples)d samples, %(without)d without registers" % _counts)
