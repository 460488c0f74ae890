// SPDX-License-Identifier: GPL-2.0-only
/*
 * cost PERIOD: what a sample costs. Where the emulator's time stamp counter
 * advances by one an instruction (QEMU -icount shift=0, Bochs clock sync=none),
 * the time a fixed loop takes is the number of instructions executed in it, the
 * kernel's included. The loop runs under a task-clock event of PERIOD ns with each
 * set of registers; what it takes beyond the bare loop, by sample, is printed as
 * "cost NAME SAMPLES INSTRUCTIONS", the least of RUNS runs; or "cost NAME refused ERRNO".
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

enum { RUNS = 3, LOOPS = 20000000, RING_PAGES = 512, PAGE = 4096, ATTR_SIZE = 192 };
/* The pages of a ring that was unmapped are freed by RCU, later: not in the next run's loop. */
enum { SETTLE_US = 200000 };
/* Offsets in struct perf_event_attr as the series has them (include/uapi/linux/perf_event.h). */
enum {
	AT_SAMPLE_TYPE = 24, AT_REGS_USER = 80,
	AT_SIMD_ENABLED = 144, AT_VEC_QWORDS = 148, AT_VEC_USER = 168,
	AT_XFEATURES = 176, AT_XSTATE = 184,
};
enum { SAMPLE_XSTATE = 1 << 25, XSTATE_USER = 1 };
enum { SSE = 1 << 1, YMM = 1 << 2, ZMM = 1 << 6 | 1 << 7 };

struct variant {
	const char *name;
	uint64_t sample_type, xfeatures, vectors;
	uint16_t qwords;
	int wide;	/* 1: AVX, 2: AVX-512 */
};

static const struct variant variants[] = {
	{ "none", 0, 0, 0, 0, 0 },
	{ "header", SAMPLE_XSTATE, 0, 0, 0, 0 },
	{ "group-xmm", SAMPLE_XSTATE, SSE, 0, 0, 0 },
	{ "simd-xmm", PERF_SAMPLE_REGS_USER, 0, 0xffff, 2, 0 },
	{ "group-ymm", SAMPLE_XSTATE, SSE | YMM, 0, 0, 1 },
	{ "simd-ymm", PERF_SAMPLE_REGS_USER, 0, 0xffff, 4, 1 },
	{ "group-zmm", SAMPLE_XSTATE, SSE | YMM | ZMM, 0, 0, 2 },
	{ "simd-zmm", PERF_SAMPLE_REGS_USER, 0, 0xffffffff, 8, 2 },
};

static int width(void)
{
	return __builtin_cpu_supports("avx512f") ? 2 : __builtin_cpu_supports("avx") ? 1 : 0;
}

static int open_event(const struct variant *v, uint64_t period)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_TASK_CLOCK,
		.sample_period = period,
		.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | v->sample_type,
		.disabled = 1,
		.exclude_kernel = 1,
	};
	unsigned char raw[ATTR_SIZE] = { 0 };
	uint32_t which = XSTATE_USER, size = v->sample_type ? ATTR_SIZE : sizeof(attr);
	uint16_t on = 1;

	memcpy(raw, &attr, sizeof(attr) < sizeof(raw) ? sizeof(attr) : sizeof(raw));
	memcpy(raw + 4, &size, sizeof(size));
	if (v->sample_type == SAMPLE_XSTATE) {
		memcpy(raw + AT_XFEATURES, &v->xfeatures, 8);
		memcpy(raw + AT_XSTATE, &which, 4);
	} else if (v->sample_type) {
		memcpy(raw + AT_SIMD_ENABLED, &on, 2);
		memcpy(raw + AT_VEC_QWORDS, &v->qwords, 2);
		memcpy(raw + AT_VEC_USER, &v->vectors, 8);
	}
	return syscall(SYS_perf_event_open, raw, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* Nothing in its init state, so that XSAVES has all of it to write. */
__attribute__((target("avx"))) static void dirty_ymm(void)
{
	asm volatile("vcmptrueps %%ymm0, %%ymm0, %%ymm0\n\tvmovaps %%ymm0, %%ymm15" : : : "xmm0", "xmm15");
}

__attribute__((target("avx512f"))) static void dirty_zmm(void)
{
	asm volatile("vpternlogd $0xff, %%zmm0, %%zmm0, %%zmm0\n\tvmovaps %%zmm0, %%zmm31" : : : "xmm0");
}

static uint64_t spin(void)
{
	uint64_t n = LOOPS, start;

	if (width() == 2)
		dirty_zmm();
	else if (width() == 1)
		dirty_ymm();
	start = __rdtsc();
	asm volatile("1: dec %0\n\tjnz 1b" : "+r"(n));
	return __rdtsc() - start;
}

/* Samples in the ring; -1 when some were lost. */
static long count_samples(const void *ring)
{
	const struct perf_event_mmap_page *head = ring;
	const unsigned char *data = (const unsigned char *)ring + PAGE;
	long samples = 0;

	for (uint64_t at = head->data_tail; at < head->data_head; ) {
		struct perf_event_header h;

		memcpy(&h, data + at % (RING_PAGES * PAGE), sizeof(h));
		if (h.type == PERF_RECORD_LOST || !h.size)
			return -1;
		samples += h.type == PERF_RECORD_SAMPLE;
		at += h.size;
	}
	return samples;
}

/* One run: samples and the loop's time, or a negative errno. */
static long run_once(const struct variant *v, uint64_t period, uint64_t *time)
{
	int fd = open_event(v, period), error = errno;
	void *ring;
	long samples;

	if (fd < 0)
		return -error;
	ring = mmap(NULL, (RING_PAGES + 1) * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ring == MAP_FAILED)
		exit((perror("cost: cannot map the ring"), 1));
	usleep(SETTLE_US);
	ioctl(fd, PERF_EVENT_IOC_ENABLE, 0);
	*time = spin();
	ioctl(fd, PERF_EVENT_IOC_DISABLE, 0);
	samples = count_samples(ring);
	munmap(ring, (RING_PAGES + 1) * PAGE);
	close(fd);
	return samples < 0 ? -ENOBUFS : samples;
}

static void measure(const struct variant *v, uint64_t period, uint64_t bare)
{
	double least = 0;
	long samples = 0;

	for (int i = 0; i < RUNS; i++) {
		uint64_t time = 0;
		long n = run_once(v, period, &time);

		if (n <= 0) {
			printf("cost %s refused %s\n", v->name, n ? strerror(-n) : "no sample");
			return;
		}
		if (!i || (double)(time - bare) / n < least) {
			least = (double)(time - bare) / n;
			samples = n;
		}
	}
	printf("cost %s %ld %.1f\n", v->name, samples, least);
}

int main(int argc, char **argv)
{
	uint64_t bare = UINT64_MAX;

	if (argc != 2 || atoll(argv[1]) < 1) {
		fprintf(stderr, "usage: cost PERIOD\n");
		return 2;
	}
	for (int i = 0; i < RUNS; i++) {
		uint64_t time = spin();

		bare = time < bare ? time : bare;
	}
	printf("bare %llu for %d instructions\n", (unsigned long long)bare, 2 * LOOPS);
	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++)
		if (variants[i].wide <= width())
			measure(&variants[i], atoll(argv[1]), bare);
	return 0;
}
