/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * gen_samples FILE COUNT BINARY: a perf.data file as our recorder writes it,
 * with COUNT samples that carry general registers and full YMM state, at
 * addresses spread over BINARY's code. The same arguments give the same bytes.
 */
#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "perfdata/perfdata.h"

enum { BASE = 0x400000, HOT = 20000, PID = 1000 };

static const uint64_t GPRS = 0xff0fff;	/* ax..ss, r8..r15 without ds es fs gs */

static uint64_t rng(void)
{
	static uint64_t s = 0x9e3779b97f4a7c15;

	s ^= s << 13;
	s ^= s >> 7;
	s ^= s << 17;
	return s;
}

static int die(const char *what)
{
	fprintf(stderr, "gen_samples: %s\n", what);
	exit(1);
}

/* The first executable segment: file offset and size. */
static void find_text(const char *path, uint64_t *off, uint64_t *len)
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	int i, fd = open(path, O_RDONLY);

	if (fd < 0 || pread(fd, &eh, sizeof(eh), 0) != sizeof(eh))
		die("cannot read the binary");
	for (i = 0; i < eh.e_phnum; i++) {
		if (pread(fd, &ph, sizeof(ph), eh.e_phoff + i * sizeof(ph)) != sizeof(ph))
			die("cannot read the program headers");
		if (ph.p_type == PT_LOAD && (ph.p_flags & PF_X)) {
			*off = ph.p_offset;
			*len = ph.p_filesz;
			close(fd);
			return;
		}
	}
	die("the binary has no executable segment");
}

static size_t build_payload(uint8_t *buf, size_t size, const struct xstate_layout *l)
{
	static uint8_t x87[XSTATE_X87_SIZE], sse[256], ymm[256];
	struct xstate_build b = { .layout = l, .mxcsr = MXCSR_INIT };
	struct xstate_block head = {
		.context = XSTATE_CTX_USER_LIVE, .requested = 6, .captured = 6,
		.xinuse = 7, .mxcsr = MXCSR_INIT,
	};
	size_t n = 0;
	int i;

	for (i = 0; i < 64; i++) {
		float f = (rng() % 16) ? (float)(rng() % 1000) * 0.37f : 0.0f;

		memcpy(sse + i * 4, &f, 4);
		memcpy(ymm + i * 4, &f, 4);
	}
	b.value = 6;
	b.bytes[XFEATURE_FP] = x87;
	b.bytes[XFEATURE_SSE] = sse;
	b.bytes[XFEATURE_YMM] = ymm;
	if (xstate_raw__write_header(buf, size, 1) ||
	    xstate_build__block(&b, &head, buf + XSTATE_RAW_HEADER_SIZE, size - XSTATE_RAW_HEADER_SIZE, &n))
		die("cannot encode a block");
	n += XSTATE_RAW_HEADER_SIZE;
	/* PERF_SAMPLE_RAW: u32 size and data together are padded to 8. */
	return (n + 4 + 7) / 8 * 8 - 4;
}

static void put(struct perfdata_writer *w, const void *rec, size_t n)
{
	struct err e;

	if (!n || perfdata_writer__record(w, rec, n, &e))
		die(n ? e.msg : "a record does not fit");
}

static void put_process(struct perfdata_writer *w, const struct perfdata_attr *a, const char *binary, uint64_t off, uint64_t len)
{
	struct sample id = { .pid = PID, .tid = PID, .time = 1 };
	struct perfdata_comm comm = { .pid = PID, .tid = PID, .exec = true, .comm = "generated" };
	struct perfdata_mmap map = {
		.pid = PID, .tid = PID, .addr = BASE, .len = (len + 4095) & ~4095ull, .pgoff = off,
		.prot = PROT_READ | PROT_EXEC, .flags = MAP_PRIVATE, .exec = true, .filename = binary,
	};
	static uint8_t buf[8192];

	put(w, buf, perfdata_build__comm(buf, sizeof(buf), a, &comm, &id));
	put(w, buf, perfdata_build__mmap2(buf, sizeof(buf), a, &map, PERF_RECORD_MISC_USER, &id));
}

static void put_samples(struct perfdata_writer *w, const struct perfdata_attr *a, const struct xstate_layout *l, long count, uint64_t len)
{
	static uint8_t buf[8192], gprs[20 * 8], raw[64][2048];
	static uint64_t hot[HOT];
	size_t raw_size = 0;
	long i;

	for (i = 0; i < 64; i++)
		raw_size = build_payload(raw[i], sizeof(raw[i]), l);
	for (i = 0; i < HOT; i++)
		hot[i] = BASE + rng() % len;
	for (i = 0; i < count; i++) {
		uint64_t r = rng() % HOT;
		struct sample s = {
			.ip = hot[r * r / HOT], .pid = PID, .tid = PID, .cpumode = PERF_RECORD_MISC_USER,
			.time = 1000 + i * 1000000, .period = 1000000, .raw = raw[i % 64], .raw_size = raw_size,
			.has_regs_user = true,
			.regs_user = { .abi = PERF_REGS_ABI_64, .mask = GPRS, .gprs = gprs, .size = 8 + sizeof(gprs) },
		};

		memcpy(gprs + 8 * 8, &s.ip, 8);
		put(w, buf, perfdata_build__sample(buf, sizeof(buf), a, &s));
	}
}

int main(int argc, char **argv)
{
	const struct xstate_component ymm = { .size = 256, .offset = 576 };
	struct perfdata_attr a = { .attr = {
		.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_TASK_CLOCK, .sample_period = 1000000,
		.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU |
			       PERF_SAMPLE_PERIOD | PERF_SAMPLE_REGS_USER | PERF_SAMPLE_RAW,
		.sample_regs_user = 0xff0fff, .sample_id_all = 1, .exclude_kernel = 1, .mmap = 1, .mmap2 = 1, .comm = 1,
	}, .name = "task-clock" };
	struct perfdata_info info = { .has_layout = true };
	struct perfdata_writer *w;
	uint64_t off = 0, len = 0;
	struct err e;

	if (argc != 4)
		die("usage: gen_samples FILE COUNT BINARY");
	find_text(argv[3], &off, &len);
	xstate_layout__init(&info.layout);
	if (xstate_layout__add(&info.layout, XFEATURE_YMM, &ymm) || perfdata_info__host(&info, &e))
		die("cannot describe the machine");
	perfdata_info__set(&info, PERFDATA_META_BACKEND, "sigtrap");
	perfdata_info__set(&info, PERFDATA_META_EVENT, "task-clock");
	perfdata_info__set(&info, PERFDATA_META_RATE, "1000 Hz");
	perfdata_info__set(&info, PERFDATA_META_REQUESTED, "ymm0-15 mxcsr");
	perfdata_info__set(&info, PERFDATA_META_REQ_XFEATURES, "0x6");
	if (perfdata_writer__open(argv[1], &a, 1, &info, &w, &e))
		die(e.msg);
	put_process(w, &a, argv[3], off, len);
	put_samples(w, &a, &info.layout, atol(argv[2]), len);
	if (perfdata_writer__close(w, &info, &e))
		die(e.msg);
	perfdata_info__free(&info);
	return 0;
}
