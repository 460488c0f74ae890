/* SPDX-License-Identifier: GPL-2.0-only */
/* A core's threads as samples of a perf.data file. */
#include <asm/perf_regs.h>
#include <stdio.h>
#include <string.h>

#include "core/core.h"

enum {
	GPR_NR		= PERF_REG_X86_R15 + 1,
	BUFFER_SIZE	= 65536,
	/* perf refuses DS, ES, FS and GS of x86-64 [arch/x86/kernel/perf_regs.c] */
	GPR_REFUSED	= 1 << PERF_REG_X86_DS | 1 << PERF_REG_X86_ES |
			  1 << PERF_REG_X86_FS | 1 << PERF_REG_X86_GS,
	GPR_MASK	= ((1 << GPR_NR) - 1) & ~GPR_REFUSED,
};

static uint64_t import_id = 1;

static void import__attr(struct perfdata_attr *a)
{
	*a = (struct perfdata_attr){
		.attr = {
			.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_DUMMY,
			.size = PERFDATA_ATTR_VER7, .sample_period = 1,
			.sample_type = PERF_SAMPLE_IDENTIFIER | PERF_SAMPLE_IP | PERF_SAMPLE_TID |
				       PERF_SAMPLE_PERIOD | PERF_SAMPLE_RAW | PERF_SAMPLE_REGS_USER,
			.sample_regs_user = GPR_MASK, .exclude_kernel = 1,
			.sample_id_all = 1, .mmap = 1, .mmap2 = 1, .comm = 1, .task = 1,
		},
		.name = "core", .ids = &import_id, .nr_ids = 1,
	};
}

/* General registers in perf's order, those of GPR_MASK packed. */
static void import__gprs(const struct user_regs_struct *r, uint64_t *to)
{
	const uint64_t all[GPR_NR] = {
		[PERF_REG_X86_AX] = r->rax, [PERF_REG_X86_BX] = r->rbx,
		[PERF_REG_X86_CX] = r->rcx, [PERF_REG_X86_DX] = r->rdx,
		[PERF_REG_X86_SI] = r->rsi, [PERF_REG_X86_DI] = r->rdi,
		[PERF_REG_X86_BP] = r->rbp, [PERF_REG_X86_SP] = r->rsp,
		[PERF_REG_X86_IP] = r->rip, [PERF_REG_X86_FLAGS] = r->eflags,
		[PERF_REG_X86_CS] = r->cs, [PERF_REG_X86_SS] = r->ss,
		[PERF_REG_X86_R8] = r->r8, [PERF_REG_X86_R9] = r->r9,
		[PERF_REG_X86_R10] = r->r10, [PERF_REG_X86_R11] = r->r11,
		[PERF_REG_X86_R12] = r->r12, [PERF_REG_X86_R13] = r->r13,
		[PERF_REG_X86_R14] = r->r14, [PERF_REG_X86_R15] = r->r15,
	};
	unsigned int i;

	for (i = 0; i < GPR_NR; i++)
		if (GPR_MASK & 1 << i)
			*to++ = all[i];
}

struct import {
	const struct core *core;
	const struct xstate_layout *layout;
	struct perfdata_attr attr;
	struct perfdata_writer *writer;
	uint8_t raw[BUFFER_SIZE / 2], record[BUFFER_SIZE];
	uint8_t image[4096];		/* of gdb's, with less in its header */
};

static int import__put(struct import *m, size_t size, const char *what, struct err *e)
{
	if (!size)
		return err__set(e, "cannot import '%s': %s does not fit into a record of perf.data", m->core->path, what);
	return perfdata_writer__record(m->writer, m->record, size, e);
}

static int import__comm(struct import *m, struct err *e)
{
	const struct core *c = m->core;
	const struct perfdata_comm comm = { .pid = c->pid, .tid = c->pid, .exec = true, .comm = c->comm };
	const struct sample id = { .id = import_id, .pid = c->pid, .tid = c->pid };

	return import__put(m, perfdata_build__comm(m->record, sizeof(m->record), &m->attr, &comm, &id), "the command's name", e);
}

/* A thread's own name is not in the core: it goes by its process's, as forked. */
static int import__fork(struct import *m, const struct core_thread *t, struct err *e)
{
	const struct core *c = m->core;
	const struct perfdata_task task = { .pid = c->pid, .ppid = c->pid, .tid = t->tid, .ptid = c->pid };
	const struct sample id = { .id = import_id, .pid = c->pid, .tid = c->pid };

	if (t->tid == c->pid)
		return 0;
	return import__put(m, perfdata_build__task(m->record, sizeof(m->record), &m->attr, PERF_RECORD_FORK, &task, &id), "a thread", e);
}

static int import__map(struct import *m, const struct core_map *map, struct err *e)
{
	struct perfdata_mmap mm = {
		.pid = m->core->pid, .tid = m->core->pid, .addr = map->start,
		.len = map->end - map->start, .pgoff = map->pgoff, .prot = map->prot,
		.flags = 2 /* MAP_PRIVATE: all that a core can hold of a file */,
		.exec = map->prot & 4 /* PROT_EXEC */, .filename = map->path,
		.build_id_size = map->build_id_size,
	};
	const struct sample id = { .id = import_id, .pid = m->core->pid, .tid = m->core->pid };

	memcpy(mm.build_id, map->build_id, sizeof(mm.build_id));
	if (import__put(m, perfdata_build__mmap2(m->record, sizeof(m->record), &m->attr, &mm, PERF_RECORD_MISC_USER, &id), map->path, e))
		return -1;
	return map->build_id_size ?
	       perfdata_writer__build_id(m->writer, map->path, map->build_id, map->build_id_size, e) : 0;
}

/* The image with only what can be trusted of it. */
static const uint8_t *import__image(struct import *m, const struct core_thread *t, uint64_t trusted)
{
	uint64_t xstate_bv;

	if (!~trusted || t->xsave_size > sizeof(m->image))
		return t->xsave;
	memcpy(m->image, t->xsave, t->xsave_size);
	memcpy(&xstate_bv, m->image + XSTATE_LEGACY_SIZE, sizeof(xstate_bv));
	xstate_bv &= trusted;
	memcpy(m->image + XSTATE_LEGACY_SIZE, &xstate_bv, sizeof(xstate_bv));
	return m->image;
}

/* XINUSE at the dump is not in the note; XFD hides nothing from a saved fpstate. */
static int import__block(struct import *m, const struct core_thread *t, size_t *size, struct err *e)
{
	uint64_t xcr0 = core__xcr0(t), trusted = core__trusted(m->core, t, m->layout);
	struct xstate_image img;
	size_t where = 0;
	int r;

	*size = 0;
	if (!t->xsave)
		return 0;
	r = xstate_image__open(&img, m->layout, import__image(m, t, trusted), t->xsave_size, xcr0 & trusted, 0, &where);
	if (r)
		return err__set(e, "cannot import '%s': XSAVE image of thread %u, offset %llu: %s", m->core->path,
				t->tid, (unsigned long long)(t->xsave_offset + where), xstate_strerror(r));
	r = xstate_raw__write_header(m->raw, sizeof(m->raw), 1);
	if (!r)
		r = xstate_block__from_image(&img, xcr0, XSTATE_CTX_USER_SAVED, XSTATE_BLOCK_NO_XINUSE, 0,
					     m->raw + XSTATE_RAW_HEADER_SIZE, sizeof(m->raw) - XSTATE_RAW_HEADER_SIZE, size);
	if (r)
		return err__set(e, "cannot import '%s': registers of thread %u: %s", m->core->path, t->tid, xstate_strerror(r));
	*size += XSTATE_RAW_HEADER_SIZE;
	return 0;
}

static int import__thread(struct import *m, const struct core_thread *t, struct err *e)
{
	uint64_t gprs[GPR_NR];
	struct sample s = {
		.id = import_id, .ip = t->regs.rip, .pid = m->core->pid, .tid = t->tid,
		.period = 1, .cpumode = PERF_RECORD_MISC_USER, .exact_ip = true,
		.has_regs_user = true, .raw = m->raw,
		.regs_user = { .abi = PERF_REGS_ABI_64, .mask = GPR_MASK, .gprs = (uint8_t *)gprs },
	};
	size_t size;

	import__gprs(&t->regs, gprs);
	if (import__block(m, t, &size, e))
		return -1;
	s.raw_size = size;
	return import__put(m, perfdata_build__sample(m->record, sizeof(m->record), &m->attr, &s), "a thread's registers", e);
}

static int import__write(struct import *m, struct core_counts *n, struct err *e)
{
	const struct core *c = m->core;
	size_t i;

	if (import__comm(m, e))
		return -1;
	for (i = 0; i < c->nr_maps; i++)
		if (import__map(m, &c->maps[i], e))
			return -1;
	for (i = 0; i < c->nr_threads; i++) {
		if (import__fork(m, &c->threads[i], e) || import__thread(m, &c->threads[i], e))
			return -1;
		n->samples++;
		n->without += !c->threads[i].xsave;
		n->untrusted |= core__xcr0(&c->threads[i]) & ~core__trusted(c, &c->threads[i], m->layout);
	}
	return 0;
}

static int import__info(const struct import *m, const char *why, struct perfdata_info *info, struct err *e)
{
	const struct core *c = m->core;
	uint64_t mask = 0;
	size_t i;

	for (i = 0; i < c->nr_threads; i++)
		mask |= core__xcr0(&c->threads[i]);
	info->layout = *m->layout;
	info->has_layout = true;
	if (perfdata_info__set(info, PERFDATA_META_BACKEND, "core") ||
	    perfdata_info__set(info, PERFDATA_META_BACKEND_WHY, "imported from %s (signal %d); %s", c->path, c->signal, why) ||
	    perfdata_info__set(info, PERFDATA_META_EVENT, "core") ||
	    perfdata_info__set(info, PERFDATA_META_REQ_XFEATURES, "0x%llx", (unsigned long long)mask) ||
	    perfdata_info__set(info, PERFDATA_META_THREADS, "%zu", c->nr_threads))
		return err__set(e, "out of memory");
	info->arch = strdup("x86_64");
	info->version = strdup("perf-xregs " XREGS_VERSION);
	return info->arch && info->version ? 0 : err__set(e, "out of memory");
}

static struct import import;	/* 96 KiB of buffers: too much for a stack */

int core__import(const struct core *c, const struct xstate_layout *l,
		 const char *why, const char *output, struct core_counts *n,
		 struct err *e)
{
	struct perfdata_info info = { 0 };
	struct err late;
	int r;

	import.core = c;
	import.layout = l;
	import.writer = NULL;
	import__attr(&import.attr);
	*n = (struct core_counts){ 0 };
	r = import__info(&import, why, &info, e) ||
	    perfdata_writer__open(output, &import.attr, 1, &info, &import.writer, e);
	if (!r)
		r = import__write(&import, n, e);
	if (import.writer && perfdata_writer__close(import.writer, &info, r ? &late : e))
		r = -1;
	perfdata_info__free(&info);
	return r ? -1 : 0;
}
