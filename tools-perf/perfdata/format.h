/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers of the file format that <linux/perf_event.h> does not have, and what
 * the files of this folder share with each other alone.
 * [tools/perf/util/header.h, tools/lib/perf/include/perf/event.h]
 */
#ifndef PERF_XREGS_PERFDATA_FORMAT_H
#define PERF_XREGS_PERFDATA_FORMAT_H

#include "perfdata/bytes.h"
#include "perfdata/perfdata.h"

/* Records that perf record adds to those of the kernel. */
enum perfdata_user_type {
	PERFDATA_USER_TYPE_START	= 64,
	PERFDATA_HEADER_ATTR		= 64,
	PERFDATA_HEADER_EVENT_TYPE	= 65,	/* until Linux 3.10 */
	PERFDATA_HEADER_TRACING_DATA	= 66,
	PERFDATA_HEADER_BUILD_ID	= 67,
	PERFDATA_FINISHED_ROUND		= 68,
	PERFDATA_ID_INDEX		= 69,
	PERFDATA_AUXTRACE_INFO		= 70,
	PERFDATA_AUXTRACE		= 71,
	PERFDATA_AUXTRACE_ERROR		= 72,
	PERFDATA_THREAD_MAP		= 73,
	PERFDATA_CPU_MAP		= 74,
	PERFDATA_STAT_CONFIG		= 75,
	PERFDATA_STAT			= 76,
	PERFDATA_STAT_ROUND		= 77,
	PERFDATA_EVENT_UPDATE		= 78,
	PERFDATA_TIME_CONV		= 79,
	PERFDATA_HEADER_FEATURE		= 80,
	PERFDATA_COMPRESSED		= 81,
	PERFDATA_FINISHED_INIT		= 82,
	PERFDATA_COMPRESSED2		= 83,
	PERFDATA_BPF_METADATA		= 84,	/* Linux 6.17 */
	PERFDATA_SCHEDSTAT_CPU		= 85,	/* Linux 7.0 */
	PERFDATA_SCHEDSTAT_DOMAIN	= 86,
	PERFDATA_USER_TYPE_END,
};

/* Kernel types that <linux/perf_event.h> may lack. */
enum {
	PERFDATA_CALLCHAIN_DEFERRED	= 22,	/* Linux 7.0 */
	PERFDATA_KERNEL_TYPE_END,
};

enum perfdata_feature {
	PERFDATA_FEAT_TRACING_DATA	= 1,
	PERFDATA_FEAT_BUILD_ID		= 2,
	PERFDATA_FEAT_HOSTNAME		= 3,
	PERFDATA_FEAT_OSRELEASE		= 4,
	PERFDATA_FEAT_VERSION		= 5,
	PERFDATA_FEAT_ARCH		= 6,
	PERFDATA_FEAT_NRCPUS		= 7,
	PERFDATA_FEAT_CPUDESC		= 8,
	PERFDATA_FEAT_CPUID		= 9,
	PERFDATA_FEAT_TOTAL_MEM		= 10,
	PERFDATA_FEAT_CMDLINE		= 11,
	PERFDATA_FEAT_EVENT_DESC	= 12,
	PERFDATA_FEAT_CPU_TOPOLOGY	= 13,
	PERFDATA_FEAT_NUMA_TOPOLOGY	= 14,
	PERFDATA_FEAT_BRANCH_STACK	= 15,
	PERFDATA_FEAT_PMU_MAPPINGS	= 16,
	PERFDATA_FEAT_GROUP_DESC	= 17,
	PERFDATA_FEAT_AUXTRACE		= 18,
	PERFDATA_FEAT_STAT		= 19,
	PERFDATA_FEAT_CACHE		= 20,
	PERFDATA_FEAT_SAMPLE_TIME	= 21,
	PERFDATA_FEAT_MEM_TOPOLOGY	= 22,
	PERFDATA_FEAT_CLOCKID		= 23,
	PERFDATA_FEAT_DIR_FORMAT	= 24,
	PERFDATA_FEAT_BPF_PROG_INFO	= 25,
	PERFDATA_FEAT_BPF_BTF		= 26,
	PERFDATA_FEAT_COMPRESSED	= 27,
	PERFDATA_FEAT_CPU_PMU_CAPS	= 28,
	PERFDATA_FEAT_CLOCK_DATA	= 29,
	PERFDATA_FEAT_HYBRID_TOPOLOGY	= 30,
	PERFDATA_FEAT_PMU_CAPS		= 31,
	PERFDATA_FEAT_CPU_DOMAIN_INFO	= 32,
	PERFDATA_FEAT_BITS		= 256,
};

enum {
	PERFDATA_HEADER_SIZE		= 104,
	PERFDATA_PIPE_HEADER_SIZE	= 16,
	PERFDATA_RECORD_MAX		= 65535,	/* u16 size */
	PERFDATA_BUILD_ID_MAX		= 20,
	PERFDATA_MISC_BUILD_ID_SIZE	= 1 << 15,
	/* of a feature section; keeps what a damaged header can ask for small */
	PERFDATA_SECTION_MAX		= 64 << 20,
};

static const uint64_t PERFDATA_MAGIC = UINT64_C(0x32454c4946524550);	/* "PERFILE2" */
static const uint64_t PERFDATA_MAGIC1 = UINT64_C(0x454c494646524550);	/* "PERFFILE" */

/*
 * Our section: chunks of {u32 type, u32 size, size bytes, padding to 8}. Before
 * the data it stands behind {u64 magic, u64 size of the chunks}.
 */
static const uint64_t PERFDATA_XREGS_MAGIC = UINT64_C(0x3153474552585058); /* "XPXREGS1" */

enum perfdata_chunk {
	PERFDATA_CHUNK_LAYOUT		= 1,	/* xstate_layout__write() */
	PERFDATA_CHUNK_META		= 2,	/* key NUL value NUL, repeated */
	PERFDATA_CHUNK_ATTR_TAIL	= 3,	/* u32 index, u32 0, bytes of the attr behind 128 */
};

/* ---- attr.c --------------------------------------------------------------------- */

enum {
	PERFDATA_ATTR_SIZE_MIN	= 64,
	PERFDATA_ATTR_SIZE_OURS	= 192,
	PERFDATA_ATTR_TAIL_SIZE	= PERFDATA_ATTR_SIZE_OURS - PERFDATA_ATTR_VER7,
};

/**
 * perfdata_attr__decode - an attr from its bytes, of any kernel's size
 * Return: 0, or -1 with @e (too small, or a layout that was never merged).
 */
int perfdata_attr__decode(struct perfdata_attr *a, const void *data,
			  size_t size, struct err *e);
/** perfdata_attr__decode_tail - the bytes behind 128 (from our section) */
int perfdata_attr__decode_tail(struct perfdata_attr *a, const void *data,
			       size_t size, struct err *e);
/** perfdata_attr__size - the size that an attr needs on disk for perf to use it */
size_t perfdata_attr__size(const struct perfdata_attr *a);
/** perfdata_attr__has_tail - is anything set behind 128 bytes? */
bool perfdata_attr__has_tail(const struct perfdata_attr *a);
/** perfdata_attr__encode - @size bytes (128..192) of it */
void perfdata_attr__encode(const struct perfdata_attr *a, struct out *o, size_t size);
void perfdata_attr__encode_tail(const struct perfdata_attr *a, struct out *o);

/** perfdata_attr__generic_name - a name from type and config, never NULL */
const char *perfdata_attr__generic_name(const struct perfdata_attr *a);

/* ---- sample.c ------------------------------------------------------------------- */

/** sample__encode - the body */
void sample__encode(struct out *o, const struct perfdata_attr *a,
		    const struct sample *s);
/** sample__decode_id - the sample_id trailer at the end of @body */
bool sample__decode_id(struct sample *s, const struct perfdata_attr *a,
		       const void *body, size_t size);
void sample__encode_id(struct out *o, const struct perfdata_attr *a,
		       const struct sample *s);
/** sample__id_size - bytes of the trailer, 0 without sample_id_all */
size_t sample__id_size(const struct perfdata_attr *a);
/** sample__peek_place - pid and ip of a sample; false when it has not both */
bool sample__peek_place(const struct perfdata_attr *a, const void *body, size_t size,
			uint32_t *pid, uint64_t *ip);
/** sample__peek_id - the event id of any kernel record; false when it has none */
bool sample__peek_id(const struct perfdata_attr *a, uint32_t type,
		     const void *body, size_t size, uint64_t *id);

/* ---- record.c ------------------------------------------------------------------- */

/**
 * perfdata_record__decode - a kernel record
 * @rec: written; type, misc and offset are the caller's
 * Return: false when it is malformed.
 */
bool perfdata_record__decode(struct perfdata_record *rec,
			     const struct perfdata_attr *a, const void *body,
			     size_t size);

/* ---- features.c ----------------------------------------------------------------- */

struct perfdata_build_id {
	uint8_t id[PERFDATA_BUILD_ID_MAX];
	uint8_t size;
	char *filename;
};

/* What the sections of a file say, besides its attrs. */
struct perfdata_features {
	struct perfdata_info info;
	struct perfdata_attr *attrs;
	unsigned int nr_attrs;
	struct perfdata_build_id *build_ids;
	size_t nr_build_ids;
	struct perfdata_section *sections;	/* that are not read here */
	size_t nr_sections;
	bool in_order;			/* the writer says so */
	bool dir_format;
};

/** perfdata_info__string - where a feature that is one string is kept; else NULL */
char **perfdata_info__string(struct perfdata_info *info, unsigned int nr);

/**
 * perfdata_features__parse - one section
 * Return: 0, also for a section that is not known or damaged in its own right
 * (its facts are then missing); -1 with @e for what forbids reading on.
 */
int perfdata_features__parse(struct perfdata_features *f, unsigned int nr,
			     const void *data, size_t size, struct err *e);
/** perfdata_features__add_build_id - body of a build_id_event */
void perfdata_features__add_build_id(struct perfdata_features *f, uint16_t misc,
				     const void *body, size_t size);
/** perfdata_features__knows - does parsing this section give anything? */
bool perfdata_features__knows(unsigned int nr);
void perfdata_features__free(struct perfdata_features *f);
/** perfdata_section__write - our chunks; the size, or 0 when @size is too small */
size_t perfdata_section__write(const struct perfdata_attr *attrs, unsigned int nr,
			       const struct perfdata_info *info, bool in_order,
			       void *buf, size_t size);

/* ---- sections.c ----------------------------------------------------------------- */

/**
 * perfdata_features__place_section - note where a section lies that is not read here
 * perfdata_features__keep_section - the same with a copy of its bytes
 * Return: 0, also for what a writer makes anew; -1 out of memory.
 */
int perfdata_features__place_section(struct perfdata_features *f, unsigned int nr,
				     uint64_t offset, uint64_t size);
int perfdata_features__keep_section(struct perfdata_features *f, unsigned int nr,
				    const void *data, size_t size);
/** perfdata_section__load - have its bytes; -1 with errno */
int perfdata_section__load(struct perfdata_section *s, int fd);
void perfdata_sections__free(struct perfdata_features *f);

/** perfdata__read_at - @size bytes at @offset, all of them; -1 with errno, 0 at the end of the file */
int perfdata__read_at(int fd, void *buf, size_t size, uint64_t offset);

#endif
