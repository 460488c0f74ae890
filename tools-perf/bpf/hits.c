/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>

#include "bpf/hits.h"
#include "bpf/support.h"
#include "hits.skel.h"

struct hits {
	struct hits_bpf *skel;
	uint64_t *per_cpu;		/* read buffer */
	int nr_cpus;
};

static const char verb[] = "filter hits in the kernel";

/*
 * BPF has numbers of the initial PID namespace, a sample those of the recorder's
 * [kernel/events/core.c: perf_event_pid()]. The initial one's inode is fixed
 * [include/linux/proc_ns.h: PROC_PID_INIT_INO]; a kernel without CONFIG_PID_NS
 * has no other, and no such file in ns/ [fs/proc/namespaces.c: ns_entries].
 */
static bool pids__are_global(void)
{
	struct stat st;

	if (!stat("/proc/self/ns/pid", &st))
		return st.st_ino == 0xeffffffc;
	return errno == ENOENT && !access("/proc/self/ns", F_OK);
}

static bool program__asks_pid(const struct hit_program *p)
{
	const struct hit_op *op;

	for (op = p->op; op < p->op + p->nr_ops; op++)
		if (op->kind < HIT_NAME && (op->arg == HIT_PID || op->arg == HIT_TID))
			return true;
	return false;
}

static int hits__load(struct hits *h, const struct hit_program *p, struct err *e)
{
	bpf_support__quiet();
	h->skel = hits_bpf__open();
	if (!h->skel)
		return bpf_support__explain(errno, verb, e);
	memcpy((void *)&h->skel->rodata->program, p, sizeof(*p));
	return hits_bpf__load(h->skel) ? bpf_support__explain(errno, verb, e) : 0;
}

int hits__open(struct hits **out, const struct hit_program *p, struct err *e)
{
	struct hits *h;

	if (program__asks_pid(p) && !pids__are_global())
		return err__set(e, "cannot %s: BPF counts processes otherwise than this PID namespace does", verb);
	h = calloc(1, sizeof(*h));
	if (h) {
		h->nr_cpus = libbpf_num_possible_cpus();
		h->per_cpu = h->nr_cpus > 0 ? calloc(h->nr_cpus, sizeof(*h->per_cpu)) : NULL;
	}
	if (!h || !h->per_cpu) {
		hits__close(h);
		return err__set(e, "cannot %s: out of memory", verb);
	}
	if (hits__load(h, p, e)) {
		hits__close(h);
		return -1;
	}
	*out = h;
	return 0;
}

int hits__attach(struct hits *h, int event)
{
	return ioctl(event, PERF_EVENT_IOC_SET_BPF, bpf_program__fd(h->skel->progs.hits_decide)) ? -errno : 0;
}

uint64_t hits__dropped(const struct hits *h)
{
	uint32_t zero = 0;
	uint64_t sum = 0;
	int i;

	if (bpf_map_lookup_elem(bpf_map__fd(h->skel->maps.dropped), &zero, h->per_cpu))
		return 0;
	for (i = 0; i < h->nr_cpus; i++)
		sum += h->per_cpu[i];
	return sum;
}

int hits__probe(struct err *e)
{
	static const struct hit_program none = { .nr_ops = 0 };
	struct hits *h;

	if (hits__open(&h, &none, e))
		return -1;
	hits__close(h);
	return 0;
}

void hits__close(struct hits *h)
{
	if (!h)
		return;
	hits_bpf__destroy(h->skel);
	free(h->per_cpu);
	free(h);
}
