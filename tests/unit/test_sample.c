/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sample_type: every bit alone and all of them together, encoded and decoded,
 * and cut at every length. tests/cli/perfdata.t has an encoder that is not
 * ours for the same.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "perfdata/format.h"

enum { ALL_BITS = (1 << 26) - 1 };

/* An attr with all the masks that fields depend on. */
static struct perfdata_attr make_attr(uint64_t sample_type)
{
	return (struct perfdata_attr){
		.attr = {
			.sample_type = sample_type, .sample_id_all = 1,
			.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING |
				       PERF_FORMAT_ID | PERF_FORMAT_GROUP,
			.branch_sample_type = 1 << 17,	/* PERF_SAMPLE_BRANCH_HW_INDEX */
			.sample_regs_user = 0xff0fff, .sample_regs_intr = 0x1ff,
		},
		.xstate = 3, .xfeatures = 0x6,
	};
}

static uint8_t pool[4096];

static void fill_pool(void)
{
	size_t i;

	for (i = 0; i < sizeof(pool); i++)
		pool[i] = 1 + (i * 7 + i / 251) % 255;
}

static struct sample make_sample(const struct perfdata_attr *a)
{
	/* the first word of a read group is its number of events: here 2 */
	static uint64_t read_words[7] = { 2, 1, 2, 3, 4, 5, 6 };
	struct sample s = {
		.attr = a, .type = a->attr.sample_type,
		.id = 11, .ip = 12, .time = 13, .addr = 14, .stream_id = 15, .period = 16,
		.pid = 17, .tid = 18, .cpu = 19,
		.callchain = pool, .nr_callchain = 3,
		.raw = pool + 100, .raw_size = 20,
		.read = (uint8_t *)read_words, .nr_read = 7,
		.branches = pool + 200, .nr_branches = 2, .branch_hw_idx = 20,
		.user_stack = pool + 300, .user_stack_size = 24, .user_stack_alloc = 64,
		.aux = pool + 400, .aux_size = 16,
		.weight = 21, .data_src = 22, .transaction = 23, .phys_addr = 24,
		.cgroup = 25, .data_page_size = 26, .code_page_size = 27,
		.has_regs_user = true, .has_regs_intr = true,
		.regs_user = { .abi = PERF_REGS_ABI_64, .mask = 0xff0fff, .gprs = pool + 500 },
		.regs_intr = { .abi = PERF_REGS_ABI_64, .mask = 0x1ff, .gprs = pool + 700 },
		.xstate = pool + 900, .xstate_size = 112,
	};

	return s;
}

static void same_bytes(const uint8_t *a, const uint8_t *b, size_t n)
{
	assert_non_null(a);
	assert_memory_equal(a, b, n);
}

static void same_numbers(const struct sample *a, const struct sample *b, uint64_t t)
{
	if (t & (PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_ID))
		assert_true(a->id == b->id);
	assert_true(!(t & PERF_SAMPLE_IP) || a->ip == b->ip);
	assert_true(!(t & PERF_SAMPLE_TIME) || a->time == b->time);
	assert_true(!(t & PERF_SAMPLE_ADDR) || a->addr == b->addr);
	assert_true(!(t & PERF_SAMPLE_STREAM_ID) || a->stream_id == b->stream_id);
	assert_true(!(t & PERF_SAMPLE_PERIOD) || a->period == b->period);
	assert_true(!(t & PERF_SAMPLE_TID) || (a->pid == b->pid && a->tid == b->tid));
	assert_true(!(t & PERF_SAMPLE_CPU) || a->cpu == b->cpu);
	assert_true(!(t & (PERF_SAMPLE_WEIGHT | 1 << 24)) || a->weight == b->weight);
	assert_true(!(t & PERF_SAMPLE_DATA_SRC) || a->data_src == b->data_src);
	assert_true(!(t & PERF_SAMPLE_TRANSACTION) || a->transaction == b->transaction);
	assert_true(!(t & PERF_SAMPLE_PHYS_ADDR) || a->phys_addr == b->phys_addr);
	assert_true(!(t & 1 << 21) || a->cgroup == b->cgroup);
	assert_true(!(t & 1 << 22) || a->data_page_size == b->data_page_size);
	assert_true(!(t & 1 << 23) || a->code_page_size == b->code_page_size);
}

static void same_spans(const struct sample *a, const struct sample *b, uint64_t t)
{
	if (t & PERF_SAMPLE_READ)
		same_bytes(a->read, b->read, 56);
	if (t & PERF_SAMPLE_CALLCHAIN)
		same_bytes(a->callchain, b->callchain, 24);
	if (t & PERF_SAMPLE_RAW)
		same_bytes(a->raw, b->raw, 20);
	if (t & PERF_SAMPLE_BRANCH_STACK) {
		same_bytes(a->branches, b->branches, 48);
		assert_true(a->branch_hw_idx == b->branch_hw_idx);
	}
	if (t & PERF_SAMPLE_STACK_USER) {
		same_bytes(a->user_stack, b->user_stack, 64);
		assert_true(a->user_stack_size == 24 && a->user_stack_alloc == 64);
	}
	if (t & PERF_SAMPLE_AUX)
		same_bytes(a->aux, b->aux, 16);
	if (t & PERF_SAMPLE_REGS_USER)
		same_bytes(a->regs_user.gprs, b->regs_user.gprs, 20 * 8);
	if (t & PERF_SAMPLE_REGS_INTR)
		same_bytes(a->regs_intr.gprs, b->regs_intr.gprs, 9 * 8);
	if (t & PERFDATA_SAMPLE_XSTATE)
		same_bytes(a->xstate, b->xstate, 112);
}

static void check_type(uint64_t type)
{
	struct perfdata_attr a = make_attr(type);
	struct sample in = make_sample(&a), out;
	uint8_t buf[4096], *exact;
	struct out o = out__of(buf, sizeof(buf));
	size_t cut;

	sample__encode(&o, &a, &in);
	assert_false(o.full);
	assert_int_equal(o.len % 8, 0);
	assert_true(sample__decode(&out, &a, buf, o.len));
	same_numbers(&out, &in, type);
	same_spans(&out, &in, type);
	/* our group is the rest of the record: it cannot be too short for this layer */
	for (cut = 0; cut < o.len && !(type & PERFDATA_SAMPLE_XSTATE); cut++) {
		exact = malloc(cut + 1);
		memcpy(exact, buf, cut);
		assert_false(sample__decode(&out, &a, exact, cut));
		free(exact);
	}
}

static void each_bit_alone(void **state)
{
	int bit;

	(void)state;
	for (bit = 0; bit < 26; bit++)
		check_type(UINT64_C(1) << bit);
}

static void all_bits_and_all_but_one(void **state)
{
	int bit;

	(void)state;
	check_type(ALL_BITS);
	for (bit = 0; bit < 26; bit++)
		check_type(ALL_BITS & ~(UINT64_C(1) << bit));
}

/* The trailer and the quick look at time and id find what the decoder finds. */
static void trailer_and_peeks(void **state)
{
	static const uint64_t bits[] = {
		PERF_SAMPLE_TID, PERF_SAMPLE_TIME, PERF_SAMPLE_ID, PERF_SAMPLE_STREAM_ID,
		PERF_SAMPLE_CPU, PERF_SAMPLE_IDENTIFIER,
	};
	unsigned int set, i;

	(void)state;
	for (set = 0; set < 1 << 6; set++) {
		uint64_t type = PERF_SAMPLE_IP, value;
		struct perfdata_attr a;
		struct sample in, out;
		uint8_t buf[256];
		struct out o = out__of(buf, sizeof(buf)), body = o;

		for (i = 0; i < 6; i++)
			type |= set >> i & 1 ? bits[i] : 0;
		a = make_attr(type);
		in = make_sample(&a);
		out__zero(&o, 40);
		sample__encode_id(&o, &a, &in);
		assert_int_equal(o.len - 40, sample__id_size(&a));
		assert_true(sample__decode_id(&out, &a, buf, o.len));
		same_numbers(&out, &in, type & ~(uint64_t)PERF_SAMPLE_IP);
		assert_int_equal(sample__peek_time(&a, PERF_RECORD_COMM, buf, o.len, &value), !!(type & PERF_SAMPLE_TIME));
		assert_true(!(type & PERF_SAMPLE_TIME) || value == 13);
		sample__encode(&body, &a, &in);
		assert_int_equal(sample__peek_time(&a, PERF_RECORD_SAMPLE, buf, body.len, &value), !!(type & PERF_SAMPLE_TIME));
		assert_true(!(type & PERF_SAMPLE_TIME) || value == 13);
		assert_int_equal(sample__peek_id(&a, PERF_RECORD_SAMPLE, buf, body.len, &value),
				 !!(type & (PERF_SAMPLE_ID | PERF_SAMPLE_IDENTIFIER)));
	}
}

static void put_word(uint8_t *to, uint64_t v)
{
	memcpy(to, &v, 8);
}

/* Counts that would wrap when multiplied must not get past the bounds check. */
static void hostile_counts(void **state)
{
	static const uint64_t counts[] = {
		UINT64_MAX, UINT64_MAX / 8 + 1, UINT64_MAX / 24 + 1, UINT64_C(1) << 61,
		UINT64_C(1) << 32, 0x80000000, 65536, 9,
	};
	static const uint64_t types[] = {
		PERF_SAMPLE_CALLCHAIN, PERF_SAMPLE_BRANCH_STACK, PERF_SAMPLE_STACK_USER,
		PERF_SAMPLE_AUX, PERF_SAMPLE_READ, PERF_SAMPLE_RAW,
	};
	uint8_t body[64] = { 0 };
	struct sample s;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct perfdata_attr a = make_attr(types[i]);

		for (k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
			put_word(body, counts[k]);
			if (types[i] == PERF_SAMPLE_RAW && !(uint32_t)counts[k])
				continue;
			if ((types[i] == PERF_SAMPLE_AUX || types[i] == PERF_SAMPLE_RAW ||
			     types[i] == PERF_SAMPLE_STACK_USER) && (uint32_t)counts[k] < 60)
				continue;
			assert_false(sample__decode(&s, &a, body, sizeof(body)));
		}
	}
}

static void a_stack_larger_than_its_room_is_malformed(void **state)
{
	struct perfdata_attr a = make_attr(PERF_SAMPLE_STACK_USER);
	uint8_t body[8 + 16 + 8] = { 16 };
	struct sample s;

	(void)state;
	put_word(body + 24, 16);
	assert_true(sample__decode(&s, &a, body, sizeof(body)));
	put_word(body + 24, 17);
	assert_false(sample__decode(&s, &a, body, sizeof(body)));
}

/* Bit 25 of an attr that does not ask for a context is not ours: skipped. */
static void a_foreign_bit_25_is_no_group(void **state)
{
	struct perfdata_attr a = make_attr(PERF_SAMPLE_IP | PERFDATA_SAMPLE_XSTATE);
	uint8_t body[64] = { 12 };
	struct sample s;

	(void)state;
	a.xstate = 0;
	assert_true(sample__decode(&s, &a, body, sizeof(body)));
	assert_true(s.ip == 12 && s.xstate_size == 0);
}

/* ---- carriers ------------------------------------------------------------------------ */

static size_t put_block(uint8_t *buf, size_t size, unsigned int context, uint32_t mxcsr)
{
	static uint8_t sse[256];
	struct xstate_layout l;
	struct xstate_build b = { .layout = &l, .value = 2, .bytes = { [1] = sse } };
	struct xstate_block head = {
		.context = context, .requested = 2, .captured = 2, .mxcsr = mxcsr,
	};
	size_t written;

	memset(sse, 0x40 + context, sizeof(sse));
	xstate_layout__init(&l);
	assert_int_equal(xstate_build__block(&b, &head, buf, size, &written), 0);
	return written;
}

static uint8_t xmm0(const struct xstate_regs *r)
{
	struct xstate_value v;

	if (xstate_regs__get(r, (struct xstate_reg){ XSTATE_CLASS_XMM, 0 }, &v) != XSTATE_VALUE)
		return 0;
	return v.bytes[0];
}

static void kernel_group(void **state)
{
	struct perfdata_attr a = make_attr(PERFDATA_SAMPLE_XSTATE);
	struct xstate_regs user, intr;
	struct sample s = { .attr = &a };
	uint8_t buf[1024];
	size_t n;

	(void)state;
	n = put_block(buf, sizeof(buf), XSTATE_CTX_USER_LIVE, 0x1f80);
	n += put_block(buf + n, sizeof(buf) - n, XSTATE_CTX_KERNEL_LIVE, 0x1f81);
	s.xstate = buf;
	s.xstate_size = n;
	assert_int_equal(sample__regs(&s, NULL, &user, &intr), 0);
	assert_true(xmm0(&user) == 0x41 && xmm0(&intr) == 0x43);
	a.xstate = 1;
	assert_int_equal(sample__regs(&s, NULL, &user, &intr), 0);
	assert_true(xmm0(&user) == 0x41 && xmm0(&intr) == 0);
	s.xstate_size = n / 2 - 8;
	assert_true(sample__regs(&s, NULL, &user, NULL) < 0);
	assert_int_equal(xmm0(&user), 0);
}

static void raw_payload(void **state)
{
	struct xstate_regs user, intr;
	struct sample s = { .cpumode = PERF_RECORD_MISC_USER };
	uint8_t buf[1024];
	size_t n = 8;

	(void)state;
	assert_int_equal(xstate_raw__write_header(buf, sizeof(buf), 2), 0);
	n += put_block(buf + n, sizeof(buf) - n, XSTATE_CTX_KERNEL_LIVE, 0x1f81);
	n += put_block(buf + n, sizeof(buf) - n, XSTATE_CTX_USER_SAVED, 0x1f80);
	memset(buf + n, 0, 4);
	s.raw = buf;
	s.raw_size = n + 4;
	assert_int_equal(sample__regs(&s, NULL, &user, &intr), 0);
	assert_true(xmm0(&user) == 0x42 && xmm0(&intr) == 0x43);
	/* a tracepoint's raw data is nobody's registers, and no error */
	memset(buf, 'x', 16);
	assert_int_equal(sample__regs(&s, NULL, &user, &intr), 0);
	assert_int_equal(xmm0(&user), 0);
}

/* PEBS: XMM as bit pairs in the interrupted registers [arch/x86/include/uapi/asm/perf_regs.h]. */
static void legacy_xmm(void **state)
{
	uint64_t group[1 + 4] = { PERF_REGS_ABI_64, 0x401000, 0x401001, 0x1111, 0x2222 };
	uint64_t mask = 1 << 7 | 1 << 8 | UINT64_C(3) << 32;
	struct xstate_regs user, intr;
	struct sample s = { .cpumode = PERF_RECORD_MISC_USER, .has_regs_intr = true };

	(void)state;
	assert_int_equal(xstate_simd__read(&s.regs_intr, mask, 0, group, sizeof(group), NULL), 0);
	assert_int_equal(sample__regs(&s, NULL, &user, &intr), 0);
	assert_true(xmm0(&intr) == 0x11 && xmm0(&user) == 0x11);
	/* in the kernel these are not the user's */
	s.cpumode = PERF_RECORD_MISC_KERNEL;
	assert_int_equal(sample__regs(&s, NULL, &user, &intr), 0);
	assert_true(xmm0(&intr) == 0x11 && xmm0(&user) == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_bit_alone),
		cmocka_unit_test(all_bits_and_all_but_one),
		cmocka_unit_test(trailer_and_peeks),
		cmocka_unit_test(hostile_counts),
		cmocka_unit_test(a_stack_larger_than_its_room_is_malformed),
		cmocka_unit_test(a_foreign_bit_25_is_no_group),
		cmocka_unit_test(kernel_group),
		cmocka_unit_test(raw_payload),
		cmocka_unit_test(legacy_xmm),
	};

	fill_pool();
	return cmocka_run_group_tests_name("samples", tests, NULL, NULL);
}
