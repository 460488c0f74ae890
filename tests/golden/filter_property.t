#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Random expressions over random samples: the filter's verdict equals that of
a slow evaluator written here, which never sees the expression's text and knows
lanes, classes and three-valued logic from scratch.

XREGS_SEED=N tries other samples and expressions (the test's own are fixed).
"""
import functools
import json
import math
import os
import random
import re
import struct
import subprocess
import sys
from fractions import Fraction

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROBE = os.path.join(os.environ.get("XREGS_BUILD", os.path.join(TOP, "build")), "tests/programs/filter_probe")
SAMPLES, EXPRESSIONS = 100, 300
T, F, U = "T", "F", "U"
OPS = ["==", "!=", ">", ">=", "<", "<="]

# ---- three-valued logic, from its truth tables -------------------------------------


def t_not(a):
    return {T: F, F: T, U: U}[a]


def t_and(values):
    return F if F in values else U if U in values else T


def t_or(values):
    return T if T in values else U if U in values else F


def compare(a, op, b):
    return T if {"==": a == b, "!=": a != b, ">": a > b, ">=": a >= b, "<": a < b, "<=": a <= b}[op] else F


# ---- lanes ----------------------------------------------------------------------------

# exponent bits, fraction bits
FP = {"f16": (5, 10), "bf16": (8, 7), "f32": (8, 23), "f64": (11, 52)}
SIZE = {"i8": 1, "u8": 1, "i16": 2, "u16": 2, "i32": 4, "u32": 4, "i64": 8, "u64": 8,
        "f16": 2, "bf16": 2, "f32": 4, "f64": 8}


@functools.lru_cache(1 << 16)
def fp_class(ty, bits):
    e, f = FP[ty]
    exp, frac = bits >> f & (1 << e) - 1, bits & (1 << f) - 1
    if exp == 0:
        return "subnormal" if frac else "zero"
    if exp == (1 << e) - 1:
        return "inf" if not frac else "qnan" if frac >> (f - 1) else "snan"
    return "normal"


@functools.lru_cache(1 << 16)
def fp_value(ty, bits):
    """Every type's values are doubles, exactly."""
    e, f = FP[ty]
    exp, frac, sign = bits >> f & (1 << e) - 1, bits & (1 << f) - 1, bits >> (e + f)
    bias = (1 << (e - 1)) - 1
    if exp == (1 << e) - 1:
        v = float("nan") if frac else float("inf")
    elif exp == 0:
        v = math.ldexp(frac, 1 - bias - f)
    else:
        v = math.ldexp((1 << f) + frac, exp - bias - f)
    return -v if sign else v


@functools.lru_cache(1 << 10)
def fp_nearest(ty, text):
    """The lane value nearest to a literal, ties to even: by bisection over all of them."""
    want = abs(Fraction(float(text)))
    e, f = FP[ty]
    lo, hi = 0, ((1 << e) - 1 << f) - 1
    while hi - lo > 1:
        mid = (lo + hi) // 2
        lo, hi = (mid, hi) if Fraction(fp_value(ty, mid)) <= want else (lo, mid)
    below, above = want - Fraction(fp_value(ty, lo)), Fraction(fp_value(ty, hi)) - want
    best = lo if below < above or (below == above and lo % 2 == 0) else hi
    v = fp_value(ty, best)
    return -v if float(text) < 0 else v


def int_value(ty, bits):
    n = 8 * SIZE[ty]
    return bits - (1 << n) if ty[0] == "i" and bits >> (n - 1) else bits


class Reg:
    def __init__(self, state, size, known):
        self.state, self.size, self.known = state, size, bytes.fromhex(known)

    def lanes(self, ty, which):
        """Their bits, None where a lane is not known whole."""
        n = len(self.known) // SIZE[ty]
        bits = struct.unpack(f"<{n}{'_BH?I???Q'[SIZE[ty]]}", self.known[:n * SIZE[ty]])
        return [bits[i] if i < n else None for i in which]


# ---- leaves: each has a text and a verdict -----------------------------------------------

TYPE_BITS = {"pid": 2, "tid": 2, "cpu": 128, "ip": 1, "addr": 8, "time": 4}


def field_value(s, name):
    if name == "period":
        return s["period"] if s["type"] & 256 else None if s["freq"] else s["fixed"]
    return s[name] if s["type"] & TYPE_BITS[name] else None


class Field:
    VALUES = {"pid": range(7), "tid": range(9), "cpu": range(5), "ip": range(0x400000, 0x400042, 3),
              "addr": range(16), "period": range(10)}

    def __init__(self, r):
        self.name = r.choice(list(self.VALUES))
        self.op = r.choice(OPS + ["&"])
        self.v = r.choice(self.VALUES[self.name])
        if self.op == "&" and not self.v:
            self.v = 1
        self.text = f"{self.name} {self.op} {r.choice([str, hex])(self.v)}"

    def eval(self, s):
        v = field_value(s, self.name)
        if v is None:
            return U
        return (T if v & self.v else F) if self.op == "&" else compare(v, self.op, self.v)


class Time:
    def __init__(self, r):
        self.op = r.choice(OPS)
        self.ns = 12000000000 + r.randrange(8) * 250000000 + r.choice([0, 0, 1, -1])
        self.text = "time %s %s" % (self.op, r.choice([
            "%d.%09d" % divmod(self.ns, 10**9), "%dns" % self.ns, "%d.%03dus" % divmod(self.ns, 1000),
            "%d.%06dms" % divmod(self.ns, 10**6), "%d.%09ds" % divmod(self.ns, 10**9)]))

    def eval(self, s):
        v = field_value(s, "time")
        return U if v is None else compare(v, self.op, self.ns)


class Name:
    PATTERNS = {"comm": ["solver", "worker-3", "worker*", "'my prog'", "*", "?h", "s*", "\"\"", "x*r"],
                "sym": ["kern", "main", "*e*", "\"std::sort(int*, int*)\"", "[unknown]", "m?in", "k*n*"],
                "dso": ["libc.so.6", "/usr/lib/libc.so.6", "solver", "/opt/*", "[vdso]", "//anon", "*", "l*6"]}

    def __init__(self, r):
        self.name = r.choice(list(self.PATTERNS))
        self.op = r.choice(["==", "!="])
        pattern = r.choice(self.PATTERNS[self.name])
        self.text = f"{self.name} {self.op} {pattern}"
        bare = pattern[1:-1] if pattern[0] in "'\"" else pattern
        self.path = "/" in bare
        self.re = re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in bare), re.S)

    def eval(self, s):
        v = s[self.name]
        if v is None:
            return U
        if self.name == "dso" and not self.path and not v.startswith("//"):
            v = v.split("/")[-1]
        return T if bool(self.re.fullmatch(v)) == (self.op == "==") else F


class Mxcsr:
    FLAGS = {n: 1 << i for i, n in enumerate("ie de ze oe ue pe daz im dm zm om um pm".split())}
    FLAGS["ftz"] = 1 << 15
    MODES = ["nearest", "down", "up", "zero"]

    def __init__(self, r):
        self.kind = r.choice(["flag", "rc", "number"])
        self.op = r.choice(["==", "!="])
        self.word = r.choice(list(self.FLAGS) if self.kind == "flag" else self.MODES)
        self.text = {"flag": f"mxcsr & {self.word}", "rc": f"mxcsr.rc {self.op} {self.word}",
                     "number": f"mxcsr {self.op} 0x1f80"}[self.kind]

    def eval(self, s):
        if not s["mxcsr_known"]:
            return U
        v = s["mxcsr"]
        if self.kind == "flag":
            return T if v & self.FLAGS[self.word] else F
        if self.kind == "rc":
            return compare(v >> 13 & 3, self.op, self.MODES.index(self.word))
        return compare(v, self.op, 0x1f80)


COMPONENTS = {"x87": [0], "sse": [1], "avx": [2], "ymm_hi128": [2], "avx512": [5, 6, 7], "opmask": [5],
              "zmm_hi256": [6], "hi16_zmm": [7], "pkru": [9], "cet_u": [11], "cet_s": [12],
              "amx": [17, 18], "tilecfg": [17], "tiledata": [18], "apx": [19]}


def in_use(s, nr):
    """By XINUSE."""
    if not s["xinuse_known"]:
        return U
    if s["xinuse"] >> nr & 1:
        return T
    return U if s["xfd"] >> nr & 1 and s["supported"] >> nr & 1 else F


def recorded(s, nr):
    """By XSTATE_BV."""
    if s["captured"] >> nr & 1:
        return T if s["xfeatures"] >> nr & 1 else F
    return U if s["supported"] >> nr & 1 else F


class Component:
    def __init__(self, r):
        self.name = r.choice(["xinuse", "xstate"])
        self.word = r.choice(list(COMPONENTS))
        self.text = f"{self.name} & {self.word}"

    def eval(self, s):
        ask = in_use if self.name == "xinuse" else recorded
        return t_or([ask(s, nr) for nr in COMPONENTS[self.word]])


class Upper:
    """upper, and width: which of YMM_Hi128 and ZMM_Hi256 is in use?"""

    def __init__(self, r):
        self.op = r.choice(["==", "!="])
        self.word = r.choice(["dirty", "clean"])
        self.width = r.choice([None, 128, 256, 512])
        if self.width:
            self.op = r.choice(OPS)
            self.text = f"width {self.op} {self.width}"
        else:
            self.text = f"upper {self.op} {self.word}"

    def ask(self, s, nr, part):
        if s["ambiguous"]:
            return T if any(any(s["regs"][f"zmm{i}"].known[part]) for i in range(16)) else U
        by_xinuse = in_use(s, nr)
        return recorded(s, nr) if by_xinuse == U else by_xinuse

    def eval(self, s):
        ymm, zmm = self.ask(s, 2, slice(16, 32)), self.ask(s, 6, slice(32, 64))
        if not self.width:
            d = t_or([ymm, zmm])
            return d if (self.word == "dirty") == (self.op == "==") else t_not(d)
        if zmm == T:
            return compare(512, self.op, self.width)
        if U in (ymm, zmm):
            return U
        return compare(256 if ymm == T else 128, self.op, self.width)


CLASSES = {"zero": ["zero"], "subnormal": ["subnormal"], "denormal": ["subnormal"], "normal": ["normal"],
           "inf": ["inf"], "nan": ["qnan", "snan"], "qnan": ["qnan"], "snan": ["snan"]}
BITS = {"xmm": 128, "ymm": 256, "zmm": 512, "k": 64, "r": 64, "tmm": 8192}


class Registers:
    """Lanes, equality, popcounts and states, of one register or of several."""

    def __init__(self, r):
        self.quantifier = r.choice(["", "any", "all", "count"])
        self.what = r.choice(["lane"] * 6 + ["equal", "popcount", "state"])
        self.pick_registers(r)
        self.selector = self.pick_lanes(r)
        self.pick_test(r)
        self.total = len(self.names) * (len(self.lanes) if self.what == "lane" else 1)
        self.text = self.render(r)

    def pick_registers(self, r):
        self.kind = r.choice(["xmm", "ymm", "ymm", "zmm", "zmm", "k", "r", "tmm"])
        count, base = {"xmm": (32, 0), "ymm": (32, 0), "zmm": (32, 0), "k": (8, 0), "r": (16, 16), "tmm": (8, 0)}[self.kind]
        first = r.randrange(count) + base
        if not self.quantifier or r.random() < 0.3:
            nrs, self.regs = [first], f"{self.kind}{first}"
        elif r.random() < 0.6:
            word, n = {"xmm": ("xmm", 16), "ymm": ("ymm", 16), "zmm": ("zmm", 32), "k": ("k", 8), "r": ("egpr", 16), "tmm": ("tmm", 8)}[self.kind]
            nrs, self.regs = range(base, base + n), word
        else:
            last = r.randrange(first, base + count)
            nrs, self.regs = range(first, last + 1), f"{self.kind}{first}-{r.choice(['', self.kind])}{last}"
        self.names = [f"{self.kind}{i}" for i in nrs]

    def pick_lanes(self, r):
        if self.what in ("popcount", "state"):
            return f"{self.regs}.{self.what}"
        self.type = r.choice(["f32", "f64"] * 3 + list(SIZE))
        n = BITS[self.kind] // 8 // SIZE[self.type]
        self.lanes = list(range(n))
        text = f"{self.regs}.{self.type}"
        if not self.quantifier and self.what == "lane":
            self.lanes = [r.randrange(n)]
        elif r.random() < 0.4:
            first = r.randrange(n)
            self.lanes = list(range(first, r.randrange(first, n) + 1))
        if len(self.lanes) < n or (not self.quantifier and self.what == "lane"):
            text += f"[{self.lanes[0]}-{self.lanes[-1]}]" if len(self.lanes) > 1 else f"[{self.lanes[0]}]"
        if self.kind in "kr" and self.what == "lane" and self.type == "u64":
            text = self.regs
        return text + (".equal" if self.what == "equal" else "")

    def pick_test(self, r):
        self.op, self.value = r.choice(OPS), None
        if self.what == "popcount":
            self.value = r.choice([0, 1, 4, 8, 32, 64, 100, 128])
        elif self.what == "state":
            self.op, self.value = r.choice(["==", "!="]), r.choice(["value", "init", "unknown"])
        elif self.what == "lane" and r.random() < 0.4:
            words = list(CLASSES) if self.type in FP else ["zero", "normal"]
            self.op, self.value = r.choice(["==", "!="]), r.choice(words)
        elif self.what == "lane" and self.type in FP:
            self.value = r.choice(["0", "1", "-1", "0.1", "-0.0", "0.7", "2.0", "1e3", "-inf", "+inf", "65504", "0x1p-14", "1e-4", "0.333"])
        elif self.what == "lane":
            n = 8 * SIZE[self.type]
            low = -(1 << (n - 1)) if self.type[0] == "i" else 0
            high = (1 << (n - 1)) - 1 if self.type[0] == "i" else (1 << n) - 1
            self.op = r.choice(OPS + ["&"])
            self.value = r.choice([low, high, 0, 1, 63, 100, high - 1, low + 1])
            if self.op == "&" and not self.value:
                self.value = 1

    def render(self, r):
        test = self.selector if self.what == "equal" else f"{self.selector} {self.op} {self.value}"
        if not self.quantifier:
            return test
        if self.quantifier == "count":
            self.count_op = r.choice(OPS)
            self.count = r.choice([0, 1, 2, self.total, self.total - 1, self.total // 2, self.total + 1])
            return f"count({test}) {self.count_op} {self.count}"
        if self.what == "equal" or r.random() < 0.5:
            return f"{self.quantifier}({test})"
        return f"{self.quantifier}({self.selector}) {self.op} {self.value}"

    @functools.lru_cache(1 << 18)
    def lane(self, bits):
        if bits is None:
            return U
        if isinstance(self.value, str) and self.value in CLASSES:
            found = fp_class(self.type, bits) if self.type in FP else "normal" if bits else "zero"
            return T if (found in CLASSES[self.value]) == (self.op == "==") else F
        if self.type in FP:
            want = float(self.value) if "inf" in self.value else fp_nearest(self.type, self.literal())
            return compare(fp_value(self.type, bits), self.op, want)
        if self.op == "&":
            return T if bits & self.value & (1 << 8 * SIZE[self.type]) - 1 else F
        return compare(int_value(self.type, bits), self.op, self.value)

    def literal(self):
        return str(float.fromhex(self.value)) if "x" in self.value else self.value

    def units(self, s):
        for name in self.names:
            reg = s["regs"][name]
            if self.what == "state":
                yield compare(reg.state, self.op, self.value)
            elif self.what == "popcount":
                yield U if reg.state == "unknown" else compare(bin(int.from_bytes(reg.known, "little")).count("1"), self.op, self.value)
            elif self.what == "equal":
                bits = set(reg.lanes(self.type, self.lanes))
                yield F if len(bits - {None}) > 1 else U if None in bits else T
            else:
                yield from map(self.lane, reg.lanes(self.type, self.lanes))

    def eval(self, s):
        units = list(self.units(s))
        if self.quantifier == "all":
            return t_and(units)
        if self.quantifier != "count":
            return t_or(units)
        hits, open_ = units.count(T), units.count(U)
        possible = {compare(hits + n, self.count_op, self.count) for n in range(open_ + 1)}
        return possible.pop() if len(possible) == 1 else U


# ---- expressions ------------------------------------------------------------------------------


class Not:
    def __init__(self, a):
        self.a = a
        self.text = "!" + (a.text if not isinstance(a, Group) else f"({a.text})")

    def eval(self, s):
        return t_not(self.a.eval(s))


class Group:
    """Operands get parentheses only where the grammar needs them, or by chance."""

    def __init__(self, r, op, operands):
        self.op, self.operands = op, operands
        texts = [f"({a.text})" if isinstance(a, Group) and (a.op == "," or op == "||") or r.random() < 0.1
                 else a.text for a in operands]
        self.text = r.choice([", ", ",", " , "] if op == "," else [" || ", "||"]).join(texts)

    def eval(self, s):
        return (t_and if self.op == "," else t_or)([a.eval(s) for a in self.operands])


def expression(r, depth=3):
    kind = r.random()
    if depth and kind < 0.15:
        return Not(expression(r, depth - 1))
    if depth and kind < 0.55:
        return Group(r, r.choice([",", "||"]), [expression(r, depth - 1) for _ in range(r.randint(2, 3))])
    return r.choice([Field, Time, Name, Mxcsr, Component, Upper] + [Registers] * 8)(r)


def probe(*args, stdin=None):
    p = subprocess.run([PROBE, *map(str, args)], input=stdin, capture_output=True, text=True)
    if p.returncode or p.stderr:
        print(f"Bail out! filter_probe {args}: status {p.returncode}: {p.stdout[-400:]} {p.stderr[-2000:]}")
        sys.exit(1)
    return p.stdout.splitlines()


def samples(seed):
    out = [json.loads(line) for line in probe("dump", seed, SAMPLES)]
    for s in out:
        s["regs"] = {name: Reg(*v) for name, v in s["regs"].items()}
    return out


def main():
    seeds = [int(os.environ["XREGS_SEED"])] if "XREGS_SEED" in os.environ else [1, 2]
    tests, failed, verdicts = 0, False, {T: 0, F: 0, U: 0}
    for seed in seeds:
        r = random.Random(seed)
        wanted = [expression(r, r.randrange(4)) for _ in range(EXPRESSIONS)]
        data = samples(seed)
        got = probe("eval", seed, SAMPLES, stdin="".join(e.text + "\n" for e in wanted))
        bad = []
        for e, line in zip(wanted, got):
            mine = "".join(e.eval(s) for s in data)
            for v in mine:
                verdicts[v] += 1
            if mine != line:
                bad.append(f"{e.text}\n#   here   {mine}\n#   filter {line}")
        tests += 1
        ok = not bad and len(got) == EXPRESSIONS
        failed |= not ok
        print(f"{'ok' if ok else 'not ok'} {tests} - {EXPRESSIONS} expressions over {SAMPLES} samples, seed {seed}")
        for b in bad[:5]:
            print(f"# {b}")
    tests += 1
    mixed = min(verdicts.values()) > sum(verdicts.values()) // 20
    failed |= not mixed
    print(f"{'ok' if mixed else 'not ok'} {tests} - true, false and unknown each come up in 5 % or more {verdicts}")
    print(f"1..{tests}")
    sys.exit(failed)


main()
