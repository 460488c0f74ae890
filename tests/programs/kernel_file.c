/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel_file FORM FILE: a recording of 40 samples as backend kernel writes it
 * in this form (group, simd, pebs), on a machine that may lack all of them. Each
 * holds 0x10 + i in byte 0 of register i, of XMM with pebs, else of YMM.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/kernel/kernel.h"

enum { SAMPLES = 40, GPRS = 20 };

static uint8_t gprs[(GPRS + 32) * 8], vectors[16 * 32], block[XSTATE_BLOCK_HEADER_SIZE + 256 + 256];

static void put(uint8_t *at, uint64_t v, size_t n)
{
	memcpy(at, &v, n);
}

/* Components 1 and 2, whole, of the user's live registers [abi of the group]. */
static void fill_block(void)
{
	unsigned int i;

	put(block, sizeof(block), 4);
	put(block + 4, XSTATE_CTX_USER_LIVE, 2);
	put(block + 8, 6, 8);		/* requested */
	put(block + 16, 6, 8);		/* captured */
	put(block + 24, 6, 8);		/* xfeatures */
	put(block + 32, 7, 8);		/* xinuse */
	put(block + 48, 0x1f80, 4);
	for (i = 0; i < 16; i++)
		memcpy(block + XSTATE_BLOCK_HEADER_SIZE + i * 16, vectors + i * 32, 16);
}

static void fill(enum kernel_form form)
{
	unsigned int i;

	put(gprs + 8 * 8, 0x401000, 8);	/* IP */
	for (i = 0; i < 16; i++) {
		vectors[i * 32] = 0x10 + i;
		if (form == KERNEL_PEBS)
			memcpy(gprs + GPRS * 8 + i * 16, vectors + i * 32, 16);
	}
	fill_block();
}

static void sample__fill(struct sample *s, const struct perfdata_attr *a, enum kernel_form form)
{
	const struct xstate_simd general = {
		.abi = PERF_REGS_ABI_64, .mask = a->attr.sample_regs_user, .gprs = gprs,
	};

	*s = (struct sample){ .ip = 0x401000, .pid = 42, .tid = 42, .period = 1000000,
			      .cpumode = PERF_RECORD_MISC_USER };
	if (form == KERNEL_PEBS) {
		s->has_regs_intr = true;
		s->regs_intr = general;
		s->regs_intr.mask = a->attr.sample_regs_intr;
		return;
	}
	s->has_regs_user = true;
	s->regs_user = general;
	if (form == KERNEL_SIMD) {
		s->regs_user.abi |= PERF_REGS_ABI_SIMD;
		s->regs_user.nr_vectors = 16;
		s->regs_user.vector_qwords = 4;
		s->regs_user.vectors = vectors;
		return;
	}
	s->xstate = block;
	s->xstate_size = sizeof(block);
}

static int write_file(enum kernel_form form, const char *path, struct err *e)
{
	struct event_list events = { .ev = NULL };
	struct kernel_request r = { .freq = 1000, .xfeatures = form == KERNEL_PEBS ? 2 : 6, .only = -1 };
	const struct xstate_component ymm = { .size = 256, .offset = 576 };
	struct perfdata_info info = { .has_layout = true };
	struct perfdata_writer *w;
	struct perfdata_attr a;
	uint8_t rec[4096];
	struct sample s;
	int i, ret = 0;

	if (events__parse(&events, "task-clock:u", events__machine(), e))
		return -1;
	r.event = events.ev[0];
	kernel_form__attr(form, &r, &a);
	events__free(&events);
	fill(form);
	sample__fill(&s, &a, form);
	xstate_layout__init(&info.layout);
	xstate_layout__add(&info.layout, XFEATURE_YMM, &ymm);
	if (perfdata_info__host(&info, e) || perfdata_writer__open(path, &a, 1, &info, &w, e))
		return -1;
	for (i = 0; i < SAMPLES && !ret; i++) {
		s.time = 1000000000 + i * UINT64_C(1000000);
		ret = perfdata_writer__record(w, rec, perfdata_build__sample(rec, sizeof(rec), &a, &s), e);
	}
	ret = perfdata_writer__close(w, &info, e) || ret;
	perfdata_info__free(&info);
	return ret ? -1 : 0;
}

int main(int argc, char **argv)
{
	struct err e;
	int form;

	for (form = 0; argc == 3 && form < KERNEL_FORMS; form++) {
		if (strcmp(argv[1], kernel_form_names[form]))
			continue;
		if (!write_file(form, argv[2], &e))
			return 0;
		fprintf(stderr, "kernel_file: %s\n", e.msg);
		return 1;
	}
	fputs("usage: kernel_file group|simd|pebs FILE\n", stderr);
	return 2;
}
