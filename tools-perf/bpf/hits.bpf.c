/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * On an event: let a hit make its sample, or not. It runs before the sample is
 * written and, since Linux 6.10, before a signal is sent
 * [kernel/events/core.c: __perf_event_overflow()].
 */
#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>

#include "hit_program.h"

char LICENSE[] SEC("license") = "GPL";

const volatile struct hit_program program = { 0 };

/* Not on the stack: its fields are read by number. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct hit);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} dropped SEC(".maps");

static __always_inline void hit__read(struct hit *h, struct bpf_perf_event_data *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();

	h->value[HIT_PID] = id >> 32;
	h->value[HIT_TID] = (__u32)id;
	h->value[HIT_CPU] = bpf_get_smp_processor_id();
	h->value[HIT_IP] = ctx->regs.rip;
	h->value[HIT_PERIOD] = ctx->sample_period;
	h->known = (1 << HIT_FIELDS) - 1;
	/* The idle tasks have a name for each CPU, and one name in every recording. */
	if (!(__u32)id) {
		__builtin_memcpy(h->comm, "swapper", sizeof("swapper"));
		h->known |= 1 << HIT_FIELDS;
	} else if (!bpf_get_current_comm(h->comm, sizeof(h->comm))) {
		h->known |= 1 << HIT_FIELDS;
	}
}

SEC("perf_event")
int hits_decide(struct bpf_perf_event_data *ctx)
{
	const struct hit_program *p = (const struct hit_program *)&program;
	struct hit_stack s = { 0 };
	__u32 zero = 0, i;
	struct hit *h = bpf_map_lookup_elem(&scratch, &zero);
	__u64 *n;

	/* the compiler must not take the zeros for the contents */
	barrier_var(p);
	if (!h)
		return 1;
	hit__read(h, ctx);
	for (i = 0; i < HIT_OPS_MAX; i++) {
		if (i >= p->nr_ops)
			break;
		hit_stack__op(&s, p, &p->op[i], h);
	}
	if (!p->nr_ops || hit_stack__result(&s) == HIT_TRUE)
		return 1;
	n = bpf_map_lookup_elem(&dropped, &zero);
	if (n)
		(*n)++;
	return 0;
}
