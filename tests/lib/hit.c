/* SPDX-License-Identifier: GPL-2.0-only */
#include <string.h>

#include "hit.h"

struct hit hit__of_sample(const struct sample *s, const char *comm)
{
	bool fixed = !(s->type & PERF_SAMPLE_PERIOD);
	struct hit h = {
		.value = { s->pid, s->tid, s->cpu, s->ip, fixed && s->attr ? s->attr->attr.sample_period : s->period },
	};

	h.known |= s->type & PERF_SAMPLE_TID ? 1 << HIT_PID | 1 << HIT_TID : 0;
	h.known |= s->type & PERF_SAMPLE_CPU ? 1 << HIT_CPU : 0;
	h.known |= s->type & PERF_SAMPLE_IP ? 1 << HIT_IP : 0;
	h.known |= !fixed || (s->attr && !s->attr->attr.freq) ? 1 << HIT_PERIOD : 0;
	h.known |= comm ? 1 << HIT_FIELDS : 0;
	strncpy(h.comm, comm ? comm : "", sizeof(h.comm) - 1);
	return h;
}

enum hit_result hit_program__run(const struct hit_program *p, const struct hit *h)
{
	struct hit_stack s = { 0 };
	uint32_t i;

	for (i = 0; i < p->nr_ops; i++)
		hit_stack__op(&s, p, &p->op[i], h);
	return hit_stack__result(&s);
}
