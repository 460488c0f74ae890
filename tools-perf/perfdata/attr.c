/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "perfdata/format.h"

_Static_assert(sizeof(struct perf_event_attr) >= PERFDATA_ATTR_VER7, "attr of Linux 5.13 or later");
enum { ATTR_SIZE_SIMD = 176 };

_Static_assert((int)PERFDATA_ATTR_KERNEL_MAX == (int)PERFDATA_ATTR_SIZE_OURS, "our fields are the last");
_Static_assert(offsetof(struct perf_event_attr, sig_data) == 120, "the first 128 bytes are ABI");

/*
 * The merged ABI takes whole register classes only: x86 has 8 opmasks, 16 XMM,
 * 16 YMM and 32 ZMM [arch/x86/events, SIMD sample ABI of Linux 7.4].
 */
static bool simd__is_merged(const struct perfdata_attr *a, uint16_t reserved)
{
	uint32_t pred = a->simd_pred_intr | a->simd_pred_user;
	uint64_t vec = a->simd_vec_intr | a->simd_vec_user;
	uint16_t q = a->simd_vec_qwords;

	if (reserved || a->simd_enabled > 1)
		return false;
	if (!a->simd_enabled)
		return !(pred || vec || q || a->simd_pred_qwords);
	return a->simd_pred_qwords <= 1 && (q == 0 || q == 2 || q == 4 || q == 8) &&
	       (pred == 0 || pred == 0xff) &&
	       (vec == 0 || vec == 0xffff || vec == 0xffffffff);
}

static bool all_zero(const struct span *s)
{
	const uint8_t *p;

	for (p = s->p; p < s->end; p++)
		if (*p)
			return false;
	return true;
}

/*
 * Sizes that a released kernel has beyond 128: 136 (config3), 144 (config4),
 * 176 (SIMD), 192 (ours). The posted but never merged versions of the SIMD ABI
 * used 168 and, with other fields, 176.
 */
int perfdata_attr__decode_tail(struct perfdata_attr *a, const void *data,
			       size_t size, struct err *e)
{
	uint8_t tail[PERFDATA_ATTR_TAIL_SIZE] = { 0 };
	struct span s, rest;
	uint16_t reserved;

	memcpy(tail, data, size < sizeof(tail) ? size : sizeof(tail));
	s = span__of(tail, sizeof(tail));
	a->config3 = span__u64(&s);
	a->config4 = span__u64(&s);
	rest = s;
	a->simd_enabled = span__u16(&s);
	a->simd_pred_qwords = span__u16(&s);
	a->simd_vec_qwords = span__u16(&s);
	reserved = span__u16(&s);
	a->simd_pred_intr = span__u32(&s);
	a->simd_pred_user = span__u32(&s);
	a->simd_vec_intr = span__u64(&s);
	a->simd_vec_user = span__u64(&s);
	a->xfeatures = span__u64(&s);
	a->xstate = span__u32(&s);
	if (!simd__is_merged(a, reserved) || (size == 168 - PERFDATA_ATTR_VER7 && !all_zero(&rest)))
		return err__set(e, "the event's attr holds SIMD register fields of a kernel patch that was never merged "
				"(versions 2 to 7 of the series that Linux 7.4 has); record with Linux 7.4 or later, or with 'perf xregs record'");
	return 0;
}

int perfdata_attr__decode(struct perfdata_attr *a, const void *data,
			  size_t size, struct err *e)
{
	size_t head = size < PERFDATA_ATTR_VER7 ? size : PERFDATA_ATTR_VER7;

	if (size < PERFDATA_ATTR_SIZE_MIN)
		return err__set(e, "an event's attr has %zu bytes, less than the %d of the first kernel with perf",
				size, PERFDATA_ATTR_SIZE_MIN);
	memset(a, 0, sizeof(*a));
	memcpy(&a->attr, data, head);
	if (size <= head)
		return 0;
	return perfdata_attr__decode_tail(a, (const uint8_t *)data + head, size - head, e);
}

/* Does a field follow the registers in the record? [perf_output_sample()] */
static bool registers__are_followed(const struct perfdata_attr *a)
{
	static const uint64_t behind_intr = PERF_SAMPLE_PHYS_ADDR | PERF_SAMPLE_AUX |
		1 << 21 /* cgroup */ | 1 << 22 | 1 << 23 /* page sizes */;
	static const uint64_t behind_user = PERF_SAMPLE_STACK_USER | PERF_SAMPLE_WEIGHT |
		1 << 24 /* weight struct */ | PERF_SAMPLE_DATA_SRC | PERF_SAMPLE_TRANSACTION |
		PERF_SAMPLE_REGS_INTR;
	uint64_t type = a->attr.sample_type;

	return type & behind_intr || (type & PERF_SAMPLE_REGS_USER && type & behind_user);
}

/*
 * perf refuses a whole file for an attr that is larger than its own. What our
 * group needs goes into our section alone, and so do the SIMD fields where the
 * registers end the record: a perf that does not know them then reads the
 * general registers and skips the tail, as it must skip them elsewhere.
 */
size_t perfdata_attr__size(const struct perfdata_attr *a)
{
	if (a->simd_enabled && registers__are_followed(a))
		return ATTR_SIZE_SIMD;
	if (a->config4)
		return 144;
	return a->config3 ? 136 : PERFDATA_ATTR_VER7;
}

bool perfdata_attr__has_tail(const struct perfdata_attr *a)
{
	return a->config3 || a->config4 || a->simd_enabled || a->xfeatures || a->xstate;
}

void perfdata_attr__encode_tail(const struct perfdata_attr *a, struct out *o)
{
	out__u64(o, a->config3);
	out__u64(o, a->config4);
	out__u16(o, a->simd_enabled);
	out__u16(o, a->simd_pred_qwords);
	out__u16(o, a->simd_vec_qwords);
	out__u16(o, 0);
	out__u32(o, a->simd_pred_intr);
	out__u32(o, a->simd_pred_user);
	out__u64(o, a->simd_vec_intr);
	out__u64(o, a->simd_vec_user);
	out__u64(o, a->xfeatures);
	out__u32(o, a->xstate);
	out__u32(o, 0);
}

void perfdata_attr__encode(const struct perfdata_attr *a, struct out *o, size_t size)
{
	uint8_t head[PERFDATA_ATTR_VER7], tail[PERFDATA_ATTR_TAIL_SIZE];
	struct out t = out__of(tail, sizeof(tail));
	uint32_t size32 = size;

	memcpy(head, &a->attr, sizeof(head));
	memcpy(head + offsetof(struct perf_event_attr, size), &size32, 4);
	perfdata_attr__encode_tail(a, &t);
	out__bytes(o, head, sizeof(head));
	out__bytes(o, tail, size - sizeof(head));
}

size_t perfdata_attr__to_kernel(const struct perfdata_attr *a,
				uint8_t bytes[PERFDATA_ATTR_KERNEL_MAX])
{
	size_t size = a->xstate ? PERFDATA_ATTR_SIZE_OURS : a->simd_enabled ? ATTR_SIZE_SIMD :
		      a->config3 || a->config4 ? 144 : PERFDATA_ATTR_VER7;
	struct out o = out__of(bytes, size);

	perfdata_attr__encode(a, &o, size);
	return size;
}

static const char *const hardware_names[] = {
	"cycles", "instructions", "cache-references", "cache-misses", "branches",
	"branch-misses", "bus-cycles", "stalled-cycles-frontend",
	"stalled-cycles-backend", "ref-cycles",
};

static const char *const software_names[] = {
	"cpu-clock", "task-clock", "page-faults", "context-switches",
	"cpu-migrations", "minor-faults", "major-faults", "alignment-faults",
	"emulation-faults", "dummy", "bpf-output", "cgroup-switches",
};

const char *perfdata_attr__generic_name(const struct perfdata_attr *a)
{
	uint64_t c = a->attr.config;

	if (a->attr.type == PERF_TYPE_HARDWARE && c < sizeof(hardware_names) / sizeof(hardware_names[0]))
		return hardware_names[c];
	if (a->attr.type == PERF_TYPE_SOFTWARE && c < sizeof(software_names) / sizeof(software_names[0]))
		return software_names[c];
	return "unknown event";
}
