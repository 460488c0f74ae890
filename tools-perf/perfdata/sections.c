/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Feature sections that a copy of the file may carry along, though nothing here
 * reads them [tools/perf/util/header.h: HEADER_*]. In a file they stay where
 * they are until they are asked for; a stream's are kept.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "perfdata/format.h"

enum fate {
	LEFT_OUT,		/* not true of a copy, or nobody knows whether it is */
	STAYS,			/* of the machine and the events, whatever the records are */
	REWRITTEN,		/* the writer makes its own */
};

static const uint8_t fates[] = {
	[PERFDATA_FEAT_TRACING_DATA]	= STAYS,
	[PERFDATA_FEAT_BUILD_ID]	= REWRITTEN,
	[PERFDATA_FEAT_HOSTNAME]	= REWRITTEN,
	[PERFDATA_FEAT_OSRELEASE]	= REWRITTEN,
	[PERFDATA_FEAT_VERSION]		= REWRITTEN,
	[PERFDATA_FEAT_ARCH]		= REWRITTEN,
	[PERFDATA_FEAT_NRCPUS]		= REWRITTEN,
	[PERFDATA_FEAT_CPUDESC]		= REWRITTEN,
	[PERFDATA_FEAT_CPUID]		= REWRITTEN,
	[PERFDATA_FEAT_TOTAL_MEM]	= REWRITTEN,
	[PERFDATA_FEAT_CMDLINE]		= REWRITTEN,
	[PERFDATA_FEAT_EVENT_DESC]	= REWRITTEN,
	[PERFDATA_FEAT_CPU_TOPOLOGY]	= STAYS,
	[PERFDATA_FEAT_NUMA_TOPOLOGY]	= STAYS,
	[PERFDATA_FEAT_BRANCH_STACK]	= STAYS,
	[PERFDATA_FEAT_PMU_MAPPINGS]	= STAYS,
	[PERFDATA_FEAT_GROUP_DESC]	= STAYS,
	[PERFDATA_FEAT_AUXTRACE]	= LEFT_OUT,	/* offsets in the old file */
	[PERFDATA_FEAT_STAT]		= STAYS,
	[PERFDATA_FEAT_CACHE]		= STAYS,
	[PERFDATA_FEAT_SAMPLE_TIME]	= REWRITTEN,
	[PERFDATA_FEAT_MEM_TOPOLOGY]	= STAYS,
	[PERFDATA_FEAT_CLOCKID]		= STAYS,
	[PERFDATA_FEAT_DIR_FORMAT]	= REWRITTEN,	/* by one file */
	[PERFDATA_FEAT_BPF_PROG_INFO]	= STAYS,
	[PERFDATA_FEAT_BPF_BTF]		= STAYS,
	[PERFDATA_FEAT_COMPRESSED]	= REWRITTEN,
	[PERFDATA_FEAT_CPU_PMU_CAPS]	= STAYS,
	[PERFDATA_FEAT_CLOCK_DATA]	= STAYS,
	[PERFDATA_FEAT_HYBRID_TOPOLOGY]	= STAYS,
	[PERFDATA_FEAT_PMU_CAPS]	= STAYS,
	[PERFDATA_FEAT_CPU_DOMAIN_INFO]	= STAYS,
};

static enum fate section__fate(unsigned int nr)
{
	if (nr == PERFDATA_FEAT_XREGS)
		return REWRITTEN;
	return nr < sizeof(fates) ? fates[nr] : LEFT_OUT;
}

static struct perfdata_section *sections__find(struct perfdata_features *f, unsigned int nr)
{
	size_t i;

	for (i = 0; i < f->nr_sections; i++)
		if (f->sections[i].nr == nr)
			return &f->sections[i];
	return NULL;
}

/* Room for a section; one that comes twice replaces the first. */
static struct perfdata_section *sections__add(struct perfdata_features *f, unsigned int nr)
{
	struct perfdata_section *s = sections__find(f, nr), *list;

	if (s) {
		free(s->data);
	} else {
		list = realloc(f->sections, (f->nr_sections + 1) * sizeof(*list));
		if (!list)
			return NULL;
		f->sections = list;
		s = &list[f->nr_sections++];
	}
	*s = (struct perfdata_section){ .nr = nr, .stays = section__fate(nr) == STAYS };
	return s;
}

int perfdata_features__place_section(struct perfdata_features *f, unsigned int nr,
				     uint64_t offset, uint64_t size)
{
	struct perfdata_section *s;

	if (section__fate(nr) == REWRITTEN)
		return 0;
	s = sections__add(f, nr);
	if (!s)
		return -1;
	s->offset = offset;
	s->size = size;
	return 0;
}

int perfdata_features__keep_section(struct perfdata_features *f, unsigned int nr,
				    const void *data, size_t size)
{
	struct perfdata_section *s;

	if (perfdata_features__place_section(f, nr, 0, size))
		return -1;
	s = sections__find(f, nr);
	if (!s)
		return 0;		/* the writer makes its own */
	s->data = malloc(size + 1);
	if (!s->data)
		return -1;
	if (size)
		memcpy(s->data, data, size);
	return 0;
}

int perfdata_section__load(struct perfdata_section *s, int fd)
{
	if (s->data)
		return 0;
	if (s->size > PERFDATA_SECTION_MAX) {
		errno = EFBIG;
		return -1;
	}
	s->data = malloc(s->size + 1);
	if (s->data && !perfdata__read_at(fd, s->data, s->size, s->offset))
		return 0;
	free(s->data);
	s->data = NULL;
	return -1;
}

void perfdata_sections__free(struct perfdata_features *f)
{
	size_t i;

	for (i = 0; i < f->nr_sections; i++)
		free(f->sections[i].data);
	free(f->sections);
}
