/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A filter that can be decided at the hit, as a table for the kernel: terms and
 * groups in postfix order. Compiled by filter/program.c, run by hits.bpf.c, and
 * by the tests outside the kernel.
 *
 * Bounds are those of the BPF verifier: every loop has a constant one.
 */
#ifndef PERF_XREGS_BPF_HIT_PROGRAM_H
#define PERF_XREGS_BPF_HIT_PROGRAM_H

#include <linux/types.h>

enum {
	HIT_OPS_MAX		= 64,
	HIT_PATTERNS_MAX	= 8,	/* a power of two */
	HIT_PATTERN_CHARS	= 31,	/* without '*' */
	HIT_COMM		= 16,	/* TASK_COMM_LEN */
};

enum hit_field { HIT_PID, HIT_TID, HIT_CPU, HIT_IP, HIT_PERIOD, HIT_FIELDS };

enum hit_op_kind {
	HIT_RANGE,			/* field in [lo, hi] */
	HIT_BITS,			/* field & lo */
	HIT_NAME,			/* comm matches the pattern */
	HIT_ALL,			/* of the last @count results */
	HIT_ANY,
};

struct hit_op {
	__u8 kind;
	__u8 arg;			/* enum hit_field, pattern, or count */
	__u8 negate;
	__u8 reserved[5];
	__u64 lo, hi;
};

/*
 * A pattern with '*' and '?' as an automaton: state j has matched j of its
 * characters, bit j stands for it.
 */
struct hit_pattern {
	__u32 matches[256];		/* by character: states that it leads on from */
	__u32 loops;			/* states behind which a '*' stands */
	__u32 accept;
};

struct hit_program {
	__u32 nr_ops;			/* 0: everything passes */
	__u32 nr_patterns;
	struct hit_op op[HIT_OPS_MAX];
	struct hit_pattern pattern[HIT_PATTERNS_MAX];
};

struct hit {
	__u64 value[HIT_FIELDS];
	__u64 known;			/* 1 << enum hit_field; 1 << HIT_FIELDS: comm */
	char comm[HIT_COMM];
};

enum hit_result { HIT_FALSE, HIT_TRUE, HIT_UNKNOWN };

/* Two stacks of bits: is a result true, is it false? Neither is unknown. */
struct hit_stack {
	__u64 true_bits, false_bits;
};

static inline int hit_pattern__matches(const struct hit_pattern *p, const char *comm)
{
	__u32 state = 1;
	int i;

	for (i = 0; i < HIT_COMM; i++) {
		__u8 c = comm[i];

		if (!c)
			break;
		state = (state & p->matches[c]) << 1 | (state & p->loops);
	}
	return (state & p->accept) != 0;
}

static inline int hit_op__term(const struct hit_program *p, const struct hit_op *op, const struct hit *h)
{
	__u32 field = op->kind == HIT_NAME ? HIT_FIELDS : op->arg;
	__u64 v;

	if (field > HIT_FIELDS || !(h->known >> field & 1))
		return HIT_UNKNOWN;
	if (op->kind == HIT_NAME)
		return hit_pattern__matches(&p->pattern[op->arg & (HIT_PATTERNS_MAX - 1)], h->comm);
	if (field >= HIT_FIELDS)
		return HIT_UNKNOWN;
	v = h->value[field];
	if (op->kind == HIT_BITS)
		return (v & op->lo) != 0;
	return v >= op->lo && v <= op->hi;
}

static inline void hit_stack__push(struct hit_stack *s, int is_true, int is_false)
{
	s->true_bits = s->true_bits << 1 | is_true;
	s->false_bits = s->false_bits << 1 | is_false;
}

/* Kleene's logic, as that of filter__eval(). */
static inline void hit_stack__group(struct hit_stack *s, const struct hit_op *op)
{
	__u64 mask = (1ULL << (op->arg & 63)) - 1;
	__u64 yes = s->true_bits & mask, no = s->false_bits & mask;
	int is_true = op->kind == HIT_ALL ? yes == mask : yes != 0;
	int is_false = op->kind == HIT_ALL ? no != 0 : no == mask;

	s->true_bits >>= op->arg & 63;
	s->false_bits >>= op->arg & 63;
	hit_stack__push(s, op->negate ? is_false : is_true, op->negate ? is_true : is_false);
}

static inline void hit_stack__op(struct hit_stack *s, const struct hit_program *p, const struct hit_op *op,
				 const struct hit *h)
{
	int r;

	if (op->kind >= HIT_ALL) {
		hit_stack__group(s, op);
		return;
	}
	r = hit_op__term(p, op, h);
	hit_stack__push(s, r == (op->negate ? HIT_FALSE : HIT_TRUE), r == (op->negate ? HIT_TRUE : HIT_FALSE));
}

static inline enum hit_result hit_stack__result(const struct hit_stack *s)
{
	return s->true_bits & 1 ? HIT_TRUE : s->false_bits & 1 ? HIT_FALSE : HIT_UNKNOWN;
}

#endif
