/* SPDX-License-Identifier: GPL-2.0-only */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "recording.h"

enum { RECORD_MAX = 16384, TEXT_SIZE = 0x10000 };

static const uint64_t VECTORS = 0xe6;	/* SSE, YMM, opmask, ZMM_Hi256, Hi16_ZMM */

static void die(const char *what)
{
	fprintf(stderr, "recording: %s\n", what);
	exit(1);
}

static void run(const char *command)
{
	if (system(command))
		die(command);
}

static void put(struct recording *r, const void *rec, size_t n)
{
	struct err e = { 0 };

	if (!n || perfdata_writer__record(r->w, rec, n, &e))
		die(n ? e.msg : "a record does not fit");
}

/* One segment at file offset 0, so that an address is an offset. */
static void assemble(struct recording *r, const char *source)
{
	char path[128], command[512];
	FILE *f;

	strcpy(r->folder, "/tmp/recording.XXXXXX");
	if (!mkdtemp(r->folder))
		die("cannot make a folder");
	snprintf(path, sizeof(path), "%s/code.s", r->folder);
	snprintf(r->object, sizeof(r->object), "%s/solver", r->folder);
	f = fopen(path, "w");
	if (!f)
		die("cannot write the source");
	fprintf(f, ".intel_syntax noprefix\n.text\n%s", source);
	fclose(f);
	snprintf(command, sizeof(command), "cd %s && as -o code.o code.s && ld -shared -z noseparate-code --build-id=none -o solver code.o",
		 r->folder);
	run(command);
}

static void add_layout(struct xstate_layout *l)
{
	/* as on an AMD Zen 4, tests/data/layouts/amd-zen4.txt */
	static const struct { unsigned int nr, size, offset; } comp[] = {
		{ XFEATURE_YMM, 256, 576 }, { XFEATURE_OPMASK, 64, 832 },
		{ XFEATURE_ZMM_Hi256, 512, 896 }, { XFEATURE_Hi16_ZMM, 1024, 1408 },
	};
	size_t i;

	xstate_layout__init(l);
	for (i = 0; i < sizeof(comp) / sizeof(comp[0]); i++) {
		struct xstate_component c = { .size = comp[i].size, .offset = comp[i].offset };

		if (xstate_layout__add(l, comp[i].nr, &c))
			die("cannot add a component");
	}
}

static char *copy(const char *s)
{
	char *c = strdup(s);

	if (!c)
		die("out of memory");
	return c;
}

static void describe(struct recording *r)
{
	struct perfdata_info *i = &r->info;

	add_layout(&i->layout);
	i->has_layout = true;
	i->arch = copy("x86_64");
	i->osrelease = copy("6.1.0-test");
	i->cpudesc = copy("Test CPU");
	i->cmdline = calloc(6, sizeof(char *));
	if (!i->cmdline)
		die("out of memory");
	i->cmdline[0] = copy("perf-xregs");
	i->cmdline[1] = copy("record");
	i->cmdline[2] = copy("--");
	i->cmdline[3] = copy("./solver");
	perfdata_info__set(i, PERFDATA_META_BACKEND, "sigtrap");
	perfdata_info__set(i, PERFDATA_META_BACKEND_WHY, "no hardware PMU here");
	perfdata_info__set(i, PERFDATA_META_EVENT, "task-clock");
	perfdata_info__set(i, PERFDATA_META_RATE, "1000 Hz");
	perfdata_info__set(i, PERFDATA_META_REQUESTED, "zmm0-31 k0-7 mxcsr");
	perfdata_info__set(i, PERFDATA_META_REQ_XFEATURES, "0xe6");
}

static void put_map(struct recording *r)
{
	const struct perfdata_mmap map = {
		.pid = RECORDING_PID, .tid = RECORDING_PID, .addr = RECORDING_BASE, .len = TEXT_SIZE,
		.prot = PROT_READ | PROT_EXEC, .flags = MAP_PRIVATE, .exec = true, .filename = r->object,
	};
	const struct sample id = { .pid = RECORDING_PID, .tid = RECORDING_PID, .time = 1 };
	static uint8_t buf[RECORD_MAX];

	put(r, buf, perfdata_build__mmap2(buf, sizeof(buf), &r->attr, &map, PERF_RECORD_MISC_USER, &id));
}

void recording__open(struct recording *r, const char *path, const char *source)
{
	struct err e = { 0 };

	memset(r, 0, sizeof(*r));
	r->attr = (struct perfdata_attr){
		.attr = {
			.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_TASK_CLOCK, .sample_period = 1000000,
			.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU |
				       PERF_SAMPLE_PERIOD | PERF_SAMPLE_CALLCHAIN | PERF_SAMPLE_RAW,
			.sample_id_all = 1, .exclude_kernel = 1, .mmap = 1, .mmap2 = 1, .comm = 1,
		},
		.name = "task-clock",
	};
	assemble(r, source);
	describe(r);
	if (perfdata_writer__open(path, &r->attr, 1, &r->info, &r->w, &e))
		die(e.msg);
	recording__comm(r, RECORDING_PID, "solver", 0);
	put_map(r);
}

uint64_t recording__symbol(const struct recording *r, const char *name)
{
	char command[400], line[64] = "";
	FILE *f;

	snprintf(command, sizeof(command), "nm %s | awk '$3==\"%s\"{print $1}'", r->object, name);
	f = popen(command, "r");
	if (!f || !fgets(line, sizeof(line), f))
		die("no such symbol");
	pclose(f);
	return strtoull(line, NULL, 16);
}

void recording__comm(struct recording *r, uint32_t tid, const char *comm, uint64_t ms)
{
	const struct perfdata_comm c = { .pid = RECORDING_PID, .tid = tid, .comm = comm };
	const struct sample id = { .pid = RECORDING_PID, .tid = tid, .time = 1 + ms * 1000000 };
	static uint8_t buf[RECORD_MAX];

	put(r, buf, perfdata_build__comm(buf, sizeof(buf), &r->attr, &c, &id));
}

/* The components' bytes of a sample, as XSAVE would write them. */
static size_t build_payload(const struct recording *r, const struct recording_sample *s, uint8_t *buf, size_t size)
{
	static uint8_t x87[XSTATE_X87_SIZE], sse[256], ymm[256], zmm[512], k[64], hi16[1024];
	struct xstate_build b = { .layout = &r->info.layout, .value = s->value, .mxcsr = s->mxcsr ? s->mxcsr : MXCSR_INIT };
	struct xstate_block head = {
		.context = XSTATE_CTX_USER_LIVE, .requested = VECTORS, .captured = s->captured ? s->captured : VECTORS,
		.xinuse = s->xinuse ? s->xinuse : s->value, .mxcsr = b.mxcsr,
	};
	size_t n = 0;
	int i;

	for (i = 0; i < 16; i++) {
		memcpy(sse + 16 * i, s->ymm[i], 16);
		memcpy(ymm + 16 * i, &s->ymm[i][4], 16);
		memcpy(zmm + 32 * i, s->zmm_hi[i], 32);
	}
	memcpy(k, s->k, sizeof(k));
	b.bytes[XFEATURE_FP] = x87;
	b.bytes[XFEATURE_SSE] = sse;
	b.bytes[XFEATURE_YMM] = ymm;
	b.bytes[XFEATURE_OPMASK] = k;
	b.bytes[XFEATURE_ZMM_Hi256] = zmm;
	b.bytes[XFEATURE_Hi16_ZMM] = hi16;
	if (xstate_raw__write_header(buf, size, 1) ||
	    xstate_build__block(&b, &head, buf + XSTATE_RAW_HEADER_SIZE, size - XSTATE_RAW_HEADER_SIZE, &n))
		die("cannot encode a block");
	/* u32 size and data of PERF_SAMPLE_RAW together are padded to 8 */
	return (n + XSTATE_RAW_HEADER_SIZE + 4 + 7) / 8 * 8 - 4;
}

void recording__add(struct recording *r, const struct recording_sample *s)
{
	static uint8_t buf[RECORD_MAX], raw[RECORD_MAX];
	uint32_t pid = s->pid ? s->pid : RECORDING_PID;
	uint64_t chain[] = { PERF_CONTEXT_USER, RECORDING_BASE + s->ip, RECORDING_BASE + s->caller };
	struct sample out = {
		.ip = RECORDING_BASE + s->ip, .pid = pid, .tid = s->tid ? s->tid : pid, .cpu = s->cpu, .time = 1 + s->ms * 1000000,
		.period = 1000000, .cpumode = s->cpumode ? s->cpumode : PERF_RECORD_MISC_USER,
		.callchain = (const uint8_t *)chain, .nr_callchain = s->caller ? 3 : 2,
	};

	memset(raw, 0, sizeof(raw));
	if (!s->no_registers) {
		out.raw = raw;
		out.raw_size = build_payload(r, s, raw, sizeof(raw));
	}
	put(r, buf, perfdata_build__sample(buf, sizeof(buf), &r->attr, &out));
}

void recording__close(struct recording *r)
{
	struct err e = { 0 };

	if (perfdata_writer__close(r->w, &r->info, &e))
		die(e.msg);
	perfdata_info__free(&r->info);
}

void recording__remove(struct recording *r)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", r->folder);
	run(command);
}

int recording__temporary(struct recording *r, char *path, void (*write)(struct recording *r, const char *path))
{
	int fd = mkstemp(path);

	if (fd < 0)
		return -1;
	close(fd);
	unlink(path);
	write(r, path);
	return 0;
}
