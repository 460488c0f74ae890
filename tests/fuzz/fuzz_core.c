// SPDX-License-Identifier: GPL-2.0-only
/*
 * A core file. Whatever its notes say: reading ends, touches nothing outside of
 * the file, and an error names the file. What is imported is a recording with a
 * sample for each thread, that has the thread's registers and no others.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/mman.h>
#include <unistd.h>

#include "core/core.h"
#include "replay.h"

static void check_core(const struct core *c)
{
	size_t i;

	CHECK(c->nr_threads);
	CHECK(strlen(c->comm) < sizeof(c->comm));
	for (i = 0; i < c->nr_threads; i++) {
		CHECK(c->threads[i].xsave || !c->threads[i].xsave_size);
		touch(c->threads[i].xsave, c->threads[i].xsave_size);
	}
	for (i = 0; i < c->nr_maps; i++) {
		CHECK(c->maps[i].start < c->maps[i].end);
		CHECK(c->maps[i].build_id_size <= sizeof(c->maps[i].build_id));
		touch(c->maps[i].path, strlen(c->maps[i].path) + 1);
	}
	touch(c->layout, c->layout_size);
}

/* A component is a value or init where the image says so, and else unknown. */
static void check_sample(const struct sample *s, const struct core_thread *t, const struct xstate_layout *l)
{
	uint64_t xstate_bv = 0, xcr0 = core__xcr0(t);
	struct xstate_regs regs;

	CHECK(s->tid == t->tid && s->ip == t->regs.rip);
	CHECK(!sample__regs(s, l, &regs, NULL));
	if (!t->xsave) {
		CHECK(!regs.captured && regs.mxcsr_state == XSTATE_UNKNOWN);
		return;
	}
	memcpy(&xstate_bv, t->xsave + XSTATE_LEGACY_SIZE, sizeof(xstate_bv));
	CHECK(!(regs.captured & ~(xcr0 | XFEATURE_MASK_FPSSE)));
	CHECK(!(regs.xfeatures & ~xstate_bv));
}

static void check_recording(const char *path, const struct core *c, const struct xstate_layout *l)
{
	struct perfdata_record rec;
	struct perfdata_reader *r;
	struct err e;
	size_t n = 0;

	CHECK(!perfdata_reader__open(path, &r, &e));
	while (perfdata_reader__next(r, &rec, &e) > 0) {
		if (rec.kind != PERFDATA_SAMPLE)
			continue;
		CHECK(n < c->nr_threads);
		check_sample(&rec.sample, &c->threads[n++], l);
	}
	CHECK(n == c->nr_threads);
	CHECK(!perfdata_reader__stats(r)->bad_records && !perfdata_reader__stats(r)->truncated);
	perfdata_reader__close(r);
}

static void try_import(struct core *c, const char *from)
{
	static char out[64];
	struct core_counts n;
	struct xstate_layout l;
	char why[1024];
	struct err e;

	if (!out[0])
		snprintf(out, sizeof(out), "%s/xregs-fuzz-core-%d", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm", getpid());
	if (core__layout(c, from, &l, why, sizeof(why), &e)) {
		CHECK(strstr(e.msg, c->path));
		return;
	}
	unlink(out);
	if (core__import(c, &l, why, out, &n, &e)) {
		CHECK(strstr(e.msg, c->path) || strstr(e.msg, out));
	} else {
		CHECK(n.samples == c->nr_threads);
		check_recording(out, c, &l);
	}
	unlink(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct core c;
	char path[64];
	struct err e;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (core__open(&c, path, &e)) {
		CHECK(strstr(e.msg, path) || strstr(e.msg, "out of memory"));
	} else {
		core__build_ids(&c);
		check_core(&c);
		try_import(&c, NULL);
		/* its own layout, as of a core that was made on the same machine */
		try_import(&c, path);
	}
	core__close(&c);
	close(fd);
	return 0;
}
