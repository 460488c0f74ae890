/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PERF_RECORD_SAMPLE and the sample_id trailer, as tables over the bits of
 * sample_type in the order of the record, which is not that of the bits
 * [kernel/events/core.c: perf_output_sample(), __perf_event__output_id_sample()].
 */
#include <string.h>

#include "perfdata/format.h"

enum {
	SAMPLE_CGROUP		= 1 << 21,
	SAMPLE_DATA_PAGE_SIZE	= 1 << 22,
	SAMPLE_CODE_PAGE_SIZE	= 1 << 23,
	SAMPLE_WEIGHT_STRUCT	= 1 << 24,
	BRANCH_HW_INDEX		= 1 << 17,
	BRANCH_COUNTERS		= 1 << 19,
	BRANCH_ENTRY_SIZE	= 24,
	FORMAT_LOST		= 1 << 4,
};

/* ---- fields that are more than a number -------------------------------------- */

static void tid__get(struct span *d, struct sample *s, const struct perfdata_attr *a)
{
	(void)a;
	s->pid = span__u32(d);
	s->tid = span__u32(d);
}

static void tid__put(struct out *o, const struct sample *s, const struct perfdata_attr *a)
{
	(void)a;
	out__u32(o, s->pid);
	out__u32(o, s->tid);
}

static void cpu__get(struct span *d, struct sample *s, const struct perfdata_attr *a)
{
	(void)a;
	s->cpu = span__u32(d);
	span__u32(d);
}

static void cpu__put(struct out *o, const struct sample *s, const struct perfdata_attr *a)
{
	(void)a;
	out__u32(o, s->cpu);
	out__u32(o, 0);
}

/* struct read_format: the words of one event, or of each event of the group. */
static void read__get(struct span *d, struct sample *s, const struct perfdata_attr *a)
{
	uint64_t f = a->attr.read_format, each, nr;
	uint64_t times = !!(f & PERF_FORMAT_TOTAL_TIME_ENABLED) +
			 !!(f & PERF_FORMAT_TOTAL_TIME_RUNNING);
	struct span first = *d;

	each = 1 + !!(f & PERF_FORMAT_ID) + !!(f & FORMAT_LOST);
	if (!(f & PERF_FORMAT_GROUP)) {
		s->nr_read = each + times;
	} else {
		nr = span__u64(&first);
		if (nr > span__left(d) / 8) {
			d->bad = true;
			return;
		}
		s->nr_read = 1 + times + nr * each;
	}
	s->read = span__array(d, s->nr_read, 8);
}

static void read__put(struct out *o, const struct sample *s, const struct perfdata_attr *a)
{
	(void)a;
	out__bytes(o, s->read, s->nr_read * 8);
}

static void callchain__get(struct span *d, struct sample *s, const struct perfdata_attr *a)
{
	(void)a;
	s->nr_callchain = span__u64(d);
	s->callchain = span__array(d, s->nr_callchain, 8);
}

static void callchain__put(struct out *o, const struct sample *s, const struct perfdata_attr *a)
{
	(void)a;
	out__u64(o, s->nr_callchain);
	out__bytes(o, s->callchain, s->nr_callchain * 8);
}

static void raw__get(struct span *d, struct sample *s, const struct perfdata_attr *a)
{
	(void)a;
	s->raw_size = span__u32(d);
	s->raw = span__take(d, s->raw_size);
}

/* The kernel counts the padding in: size word and data are a multiple of 8. */
static void raw__put(struct out *o, const struct sample *s, const struct perfdata_attr *a)
{
	uint64_t padded = ((s->raw_size + UINT64_C(4) + 7) & ~UINT64_C(7)) - 4;

	(void)a;
	out__u32(o, padded);
	out__bytes(o, s->raw, s->raw_size);
	out__zero(o, padded - s->raw_size);
}

static void branches__get(struct span *d, struct sample *s, const struct perfdata_attr *a)
{
	s->nr_branches = span__u64(d);
	if (a->attr.branch_sample_type & BRANCH_HW_INDEX)
		s->branch_hw_idx = span__u64(d);
	s->branches = span__array(d, s->nr_branches, BRANCH_ENTRY_SIZE);
	if (a->attr.branch_sample_type & BRANCH_COUNTERS)
		s->branch_counters = span__array(d, s->nr_branches, 8);
}

static void branches__put(struct out *o, const struct sample *s, const struct perfdata_attr *a)
{
	out__u64(o, s->nr_branches);
	if (a->attr.branch_sample_type & BRANCH_HW_INDEX)
		out__u64(o, s->branch_hw_idx);
	out__bytes(o, s->branches, s->nr_branches * BRANCH_ENTRY_SIZE);
	if (a->attr.branch_sample_type & BRANCH_COUNTERS)
		out__bytes(o, s->branch_counters, s->nr_branches * 8);
}

static bool regs__get(struct span *d, struct xstate_simd *r, uint64_t mask,
		      const struct perfdata_attr *a)
{
	if (xstate_simd__read(r, mask, a->simd_enabled, d->p, span__left(d), NULL)) {
		d->bad = true;
		return false;
	}
	return span__take(d, r->size) != NULL;
}

static void regs__put(struct out *o, bool has, const struct xstate_simd *r)
{
	if (!has || !r->abi) {
		out__u64(o, PERF_REGS_ABI_NONE);
		return;
	}
	out__u64(o, r->abi);
	out__bytes(o, r->gprs, 8 * __builtin_popcountll(r->mask));
	if (!(r->abi & PERF_REGS_ABI_SIMD))
		return;
	out__u64(o, r->nr_vectors);
	out__u64(o, r->vector_qwords);
	out__u64(o, r->nr_pred);
	out__u64(o, r->pred_qwords);
	out__bytes(o, r->vectors, 8 * r->nr_vectors * r->vector_qwords);
	out__bytes(o, r->preds, 8 * r->nr_pred * r->pred_qwords);
}

static void regs_user__get(struct span *d, struct sample *s, const struct perfdata_attr *a)
{
	s->has_regs_user = regs__get(d, &s->regs_user, a->attr.sample_regs_user, a);
}

static void regs_user__put(struct out *o, const struct sample *s, const struct perfdata_attr *a)
{
	(void)a;
	regs__put(o, s->has_regs_user, &s->regs_user);
}

static void regs_intr__get(struct span *d, struct sample *s, const struct perfdata_attr *a)
{
	s->has_regs_intr = regs__get(d, &s->regs_intr, a->attr.sample_regs_intr, a);
}

static void regs_intr__put(struct out *o, const struct sample *s, const struct perfdata_attr *a)
{
	(void)a;
	regs__put(o, s->has_regs_intr, &s->regs_intr);
}

/* The dynamic size follows the data, and only where there is any. */
static void stack__get(struct span *d, struct sample *s, const struct perfdata_attr *a)
{
	(void)a;
	s->user_stack_alloc = span__u64(d);
	if (!s->user_stack_alloc)
		return;
	s->user_stack = span__take(d, s->user_stack_alloc);
	s->user_stack_size = span__u64(d);
	if (s->user_stack_size > s->user_stack_alloc)
		d->bad = true;
}

static void stack__put(struct out *o, const struct sample *s, const struct perfdata_attr *a)
{
	(void)a;
	out__u64(o, s->user_stack_alloc);
	if (!s->user_stack_alloc)
		return;
	out__bytes(o, s->user_stack, s->user_stack_alloc);
	out__u64(o, s->user_stack_size);
}

static void aux__get(struct span *d, struct sample *s, const struct perfdata_attr *a)
{
	(void)a;
	s->aux_size = span__u64(d);
	s->aux = span__take(d, s->aux_size);
}

static void aux__put(struct out *o, const struct sample *s, const struct perfdata_attr *a)
{
	(void)a;
	out__u64(o, s->aux_size);
	out__bytes(o, s->aux, s->aux_size);
}

/*
 * Bit 25 is ours only where the attr asks for a context; its blocks say their
 * own size, and the group is the last of the record.
 */
static void xstate__get(struct span *d, struct sample *s, const struct perfdata_attr *a)
{
	if (!a->xstate)
		return;
	s->xstate_size = span__left(d);
	s->xstate = span__take(d, s->xstate_size);
}

static void xstate__put(struct out *o, const struct sample *s, const struct perfdata_attr *a)
{
	(void)a;
	out__bytes(o, s->xstate, s->xstate_size);
}

/* ---- tables ---------------------------------------------------------------------- */

struct field {
	uint64_t bits;
	size_t u64;		/* offset in struct sample of a plain u64, or 0 */
	void (*get)(struct span *d, struct sample *s, const struct perfdata_attr *a);
	void (*put)(struct out *o, const struct sample *s, const struct perfdata_attr *a);
};

#define U64(bits, member) { bits, offsetof(struct sample, member), NULL, NULL }

static const struct field body_fields[] = {
	U64(PERF_SAMPLE_IDENTIFIER, id),
	U64(PERF_SAMPLE_IP, ip),
	{ PERF_SAMPLE_TID, 0, tid__get, tid__put },
	U64(PERF_SAMPLE_TIME, time),
	U64(PERF_SAMPLE_ADDR, addr),
	U64(PERF_SAMPLE_ID, id),
	U64(PERF_SAMPLE_STREAM_ID, stream_id),
	{ PERF_SAMPLE_CPU, 0, cpu__get, cpu__put },
	U64(PERF_SAMPLE_PERIOD, period),
	{ PERF_SAMPLE_READ, 0, read__get, read__put },
	{ PERF_SAMPLE_CALLCHAIN, 0, callchain__get, callchain__put },
	{ PERF_SAMPLE_RAW, 0, raw__get, raw__put },
	{ PERF_SAMPLE_BRANCH_STACK, 0, branches__get, branches__put },
	{ PERF_SAMPLE_REGS_USER, 0, regs_user__get, regs_user__put },
	{ PERF_SAMPLE_STACK_USER, 0, stack__get, stack__put },
	U64(PERF_SAMPLE_WEIGHT | SAMPLE_WEIGHT_STRUCT, weight),
	U64(PERF_SAMPLE_DATA_SRC, data_src),
	U64(PERF_SAMPLE_TRANSACTION, transaction),
	{ PERF_SAMPLE_REGS_INTR, 0, regs_intr__get, regs_intr__put },
	U64(PERF_SAMPLE_PHYS_ADDR, phys_addr),
	U64(SAMPLE_CGROUP, cgroup),
	U64(SAMPLE_DATA_PAGE_SIZE, data_page_size),
	U64(SAMPLE_CODE_PAGE_SIZE, code_page_size),
	{ PERF_SAMPLE_AUX, 0, aux__get, aux__put },
	{ PERFDATA_SAMPLE_XSTATE, 0, xstate__get, xstate__put },
};

static const struct field id_fields[] = {
	{ PERF_SAMPLE_TID, 0, tid__get, tid__put },
	U64(PERF_SAMPLE_TIME, time),
	U64(PERF_SAMPLE_ID, id),
	U64(PERF_SAMPLE_STREAM_ID, stream_id),
	{ PERF_SAMPLE_CPU, 0, cpu__get, cpu__put },
	U64(PERF_SAMPLE_IDENTIFIER, id),
};

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static bool fields__get(const struct field *f, size_t nr, struct span *d,
			struct sample *s, const struct perfdata_attr *a)
{
	const struct field *end = f + nr;
	uint64_t v;

	for (; f < end; f++) {
		if (!(s->type & f->bits))
			continue;
		if (f->get) {
			f->get(d, s, a);
			continue;
		}
		v = span__u64(d);
		memcpy((uint8_t *)s + f->u64, &v, 8);
	}
	return !d->bad;
}

static void fields__put(const struct field *f, size_t nr, struct out *o,
			const struct sample *s, const struct perfdata_attr *a)
{
	const struct field *end = f + nr;
	uint64_t v;

	for (; f < end; f++) {
		if (!(a->attr.sample_type & f->bits))
			continue;
		if (f->put) {
			f->put(o, s, a);
			continue;
		}
		memcpy(&v, (const uint8_t *)s + f->u64, 8);
		out__u64(o, v);
	}
}

static void sample__reset(struct sample *s, const struct perfdata_attr *a)
{
	memset(s, 0, sizeof(*s));
	s->attr = a;
	s->type = a->attr.sample_type;
	s->pid = s->tid = s->cpu = UINT32_MAX;
}

bool sample__decode(struct sample *s, const struct perfdata_attr *a,
		    const void *body, size_t size)
{
	struct span d = span__of(body, size);

	sample__reset(s, a);
	return fields__get(body_fields, ARRAY_SIZE(body_fields), &d, s, a);
}

void sample__encode(struct out *o, const struct perfdata_attr *a,
		    const struct sample *s)
{
	fields__put(body_fields, ARRAY_SIZE(body_fields), o, s, a);
}

size_t sample__id_size(const struct perfdata_attr *a)
{
	size_t i, n = 0;

	if (!a->attr.sample_id_all)
		return 0;
	for (i = 0; i < ARRAY_SIZE(id_fields); i++)
		n += a->attr.sample_type & id_fields[i].bits ? 8 : 0;
	return n;
}

bool sample__decode_id(struct sample *s, const struct perfdata_attr *a,
		       const void *body, size_t size)
{
	size_t n = sample__id_size(a);
	struct span d;

	sample__reset(s, a);
	if (n > size)
		return false;
	if (!n)
		return true;
	d = span__of((const uint8_t *)body + size - n, n);
	return fields__get(id_fields, ARRAY_SIZE(id_fields), &d, s, a);
}

void sample__encode_id(struct out *o, const struct perfdata_attr *a,
		       const struct sample *s)
{
	if (a->attr.sample_id_all)
		fields__put(id_fields, ARRAY_SIZE(id_fields), o, s, a);
}

/* Offset of a field in a table, counted over the 8-byte fields before it. */
static bool field__offset(const struct field *f, size_t nr, uint64_t type,
			  uint64_t bits, size_t *offset)
{
	size_t i;

	*offset = 0;
	for (i = 0; i < nr; i++) {
		if (f[i].bits & bits & type)
			return true;
		*offset += type & f[i].bits ? 8 : 0;
	}
	return false;
}

/* Where in @size bytes of a body one of the fields that are known by their place is. */
static bool sample__place(const struct perfdata_attr *a, uint32_t type, uint64_t bits,
			  size_t size, size_t *offset)
{
	size_t n;

	/* PERIOD and what precedes it are 8 bytes each */
	if (type == PERF_RECORD_SAMPLE)
		return field__offset(body_fields, 9, a->attr.sample_type, bits, offset) && *offset + 8 <= size;
	n = sample__id_size(a);
	if (!n || n > size ||
	    !field__offset(id_fields, ARRAY_SIZE(id_fields), a->attr.sample_type, bits, offset))
		return false;
	*offset += size - n;
	return true;
}

static bool sample__peek(const struct perfdata_attr *a, uint32_t type, uint64_t bits,
			 const void *body, size_t size, uint64_t *value)
{
	size_t offset;
	struct span d;

	if (!sample__place(a, type, bits, size, &offset))
		return false;
	d = span__of((const uint8_t *)body + offset, 8);
	*value = span__u64(&d);
	return true;
}

bool sample__set_time(const struct perfdata_attr *a, uint32_t type, void *body,
		      size_t size, uint64_t time)
{
	size_t offset;

	if (!sample__place(a, type, PERF_SAMPLE_TIME, size, &offset))
		return false;
	memcpy((uint8_t *)body + offset, &time, sizeof(time));
	return true;
}

bool sample__peek_time(const struct perfdata_attr *a, uint32_t type,
		       const void *body, size_t size, uint64_t *time)
{
	return sample__peek(a, type, PERF_SAMPLE_TIME, body, size, time);
}

bool sample__peek_place(const struct perfdata_attr *a, const void *body, size_t size,
			uint32_t *pid, uint64_t *ip)
{
	uint64_t tid;

	if (!sample__peek(a, PERF_RECORD_SAMPLE, PERF_SAMPLE_IP, body, size, ip) ||
	    !sample__peek(a, PERF_RECORD_SAMPLE, PERF_SAMPLE_TID, body, size, &tid))
		return false;
	*pid = tid;		/* u32 pid, u32 tid */
	return true;
}

/* IDENTIFIER where there is one: its place is the same for every event. */
bool sample__peek_id(const struct perfdata_attr *a, uint32_t type,
		     const void *body, size_t size, uint64_t *id)
{
	return sample__peek(a, type, PERF_SAMPLE_IDENTIFIER, body, size, id) ||
	       sample__peek(a, type, PERF_SAMPLE_ID, body, size, id);
}
