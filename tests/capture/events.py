# SPDX-License-Identifier: GPL-2.0-only
"""What a recording of the workload "probed" says, against what it printed itself.

usage: events.py CHECK SCRIPT.json PRINTED
Prints "N calls, N right"; each thing that is wrong on a line of its own.
"""
import json
import struct
import sys

check, script, printed = sys.argv[1:]
samples = [s for s in map(json.loads, open(script)) if s['kind'] == 'sample']
lines = [l.split() for l in open(printed)]
wrong = []


def told(name):
    return [l[1:] for l in lines if l[0] == name]


def number(text):
    return float.fromhex(text) if 'x' in text else int(text)


def as_f32(v):
    return struct.unpack('<f', struct.pack('<f', v))[0]


def flat(sample):
    """Argument values in order; f32 as the shortest decimal, which rounds back."""
    values = []
    for arg in sample['args']:
        types = arg['types'] * (len(arg['values']) // max(1, len(arg['types'])))
        for v, t in zip(arg['values'], types):
            values.append(as_f32(v) if t == 'f32' else v)
    return values


def calls(name, want_of):
    got = [s for s in samples if s.get('sym') == name and 'args' in s]
    want = told(name)
    right = 0
    for i, (s, w) in enumerate(zip(got, want)):
        g, w = flat(s), want_of([number(x) for x in w])
        if g == w:
            right += 1
        else:
            wrong.append(f'{name} call {i}: {g}, passed were {w}')
    print(f'{len(got)} calls, {right} right, {len(want)} made')


def lane(sample, reg):
    """The low f64 of a vector register, whichever of its names the file has."""
    value = next(sample['regs'][w + reg] for w in 'zyx' if w + reg in sample['regs'])
    bits = int(value['hex'], 16) if value['state'] == 'value' else 0
    return struct.unpack('<d', struct.pack('<Q', bits & 2**64 - 1))[0]


def aggregates(w):
    # the struct of 32 bytes is on the stack: null; the address is not ours to know
    return w[:10] + [None, 'text'] + w[10:]


if check == 'scalars':
    calls('scalars', lambda w: w)
elif check == 'aggregates':
    for s in samples:
        if 'args' in s and s['sym'] == 'aggregates':
            s['args'][5]['values'] = ['text']
    calls('aggregates', aggregates)
elif check == 'nine':
    calls('nine', lambda w: w * 2 + w[:2] + [None])
elif check == 'stored':
    calls('stored', lambda w: w)
elif check == 'widened':
    calls('widened', lambda w: w)
elif check == 'returned':
    got = [lane(s, 'mm0') for s in samples]
    print(f'{len(got)} returns, {sum(g == number(w[0]) for g, w in zip(got, told("returned")))} right')
elif check == 'getppid':
    # those of the program, not those of what starts it
    got = [lane(s, 'mm7') for s in samples if s['trace']['tracepoint'] == 'syscalls:sys_enter_getppid' and
           s.get('context') == 'user-live']
    want = [number(w[0]) for w in told('scalars')]
    print(f'{len(got)} calls, {sum(g == w for g, w in zip(got, want))} right')
elif check == 'sum':
    print(sum(s['args'][0]['values'][0] for s in samples) == sum(number(w[0]) for w in told('scalars')))
elif check == 'events':
    names = {}
    for s in samples:
        names[s['event']] = names.get(s['event'], 0) + 1
    print(' '.join(f'{k}={v}' for k, v in sorted(names.items())))
print('\n'.join(wrong), end='')
