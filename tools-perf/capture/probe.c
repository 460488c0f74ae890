/* SPDX-License-Identifier: GPL-2.0-only */
#include <cpuid.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "capture/capture.h"
#include "capture/shm.h"

/* XGETBV(0) [SDM vol. 1, 13.3]; 3 (x87, SSE) where XSAVE is not enabled. */
uint64_t machine__xcr0(void)
{
	uint32_t eax, ebx, ecx, edx;

	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & bit_OSXSAVE))
		return XFEATURE_MASK_FPSSE;
	__asm__("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
	return (uint64_t)edx << 32 | eax;
}

void machine__layout(struct xstate_layout *l)
{
	struct xstate_cpuid_leaf leaves[XFEATURE_MAX];
	uint64_t xcr0 = machine__xcr0();
	unsigned int nr, edx;
	size_t n = 0;

	for (nr = 2; nr < XFEATURE_MAX; nr++) {
		struct xstate_cpuid_leaf *f = &leaves[n];

		if (!(xcr0 & XFEATURE_MASK(nr)))
			continue;
		f->nr = nr;
		__cpuid_count(0xd, nr, f->eax, f->ebx, f->ecx, edx);
		n++;
	}
	if (xstate_layout__from_cpuid(l, leaves, n))
		xstate_layout__init(l);
}

int agent__path(char *path, size_t size, struct err *e)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n > 0) {
		self[n] = '\0';
		slash = strrchr(self, '/');
		if (slash) {
			*slash = '\0';
			snprintf(path, size, "%s/%s", self, XR_AGENT_NAME);
			if (!access(path, R_OK))
				return 0;
		}
	}
	snprintf(path, size, "%s/%s", XREGS_LIBEXECDIR, XR_AGENT_NAME);
	if (!access(path, R_OK))
		return 0;
	return err__set(e, "the agent %s is neither beside perf-xregs nor in %s; install it with 'make install'",
			XR_AGENT_NAME, XREGS_LIBEXECDIR);
}

/* ---- what the kernel shows of the state --------------------------------------- */

/* volatile: raise() is declared not to come back into this file. */
static volatile uint64_t frame_xfeatures;

static void frame__look(int sig, siginfo_t *si, void *ucontext)
{
	const ucontext_t *uc = ucontext;
	struct xstate_image img;
	struct xstate_layout l;
	uint32_t size;

	(void)sig;
	(void)si;
	machine__layout(&l);
	memcpy(&size, (const uint8_t *)uc->uc_mcontext.fpregs + 468, sizeof(size));
	if (!xstate_image__open_sigframe(&img, &l, uc->uc_mcontext.fpregs,
					 size ? size : XSTATE_LEGACY_SIZE, 0, NULL))
		frame_xfeatures = img.examined;
}

uint64_t probe__frame_xfeatures(void)
{
	struct sigaction sa = { .sa_sigaction = frame__look, .sa_flags = SA_SIGINFO }, old;

	if (frame_xfeatures || sigaction(SIGUSR1, &sa, &old))
		return frame_xfeatures;
	raise(SIGUSR1);
	sigaction(SIGUSR1, &old, NULL);
	return frame_xfeatures;
}

/* A perf_event_attr longer than this header's: offsets of abi 7.4 and ours. */
enum {
	ATTR_SIMD_ENABLED	= 144,
	ATTR_SIMD_VEC_QWORDS	= 148,
	ATTR_SIMD_VEC_USER	= 168,
	ATTR_SIMD_SIZE		= 176,
	ATTR_XFEATURES		= 176,
	ATTR_XSTATE		= 184,
	ATTR_XSTATE_SIZE	= 192,
};

static int attr__try(uint8_t *bytes, const struct perf_event_attr *a)
{
	long fd;

	memcpy(bytes, a, PERFDATA_ATTR_VER7);
	fd = syscall(SYS_perf_event_open, bytes, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

int probe__kernel_group(void)
{
	struct perf_event_attr a = {
		.type = PERF_TYPE_SOFTWARE, .size = ATTR_XSTATE_SIZE,
		.config = PERF_COUNT_SW_TASK_CLOCK, .sample_period = 1000000000,
		.sample_type = PERFDATA_SAMPLE_XSTATE, .disabled = 1,
		.exclude_kernel = 1, .exclude_hv = 1,
	};
	uint8_t bytes[ATTR_XSTATE_SIZE] = { 0 };

	bytes[ATTR_XFEATURES] = XFEATURE_MASK_FPSSE;
	bytes[ATTR_XSTATE] = 1;
	return attr__try(bytes, &a);
}

int probe__simd_abi(void)
{
	struct perf_event_attr a = {
		.type = PERF_TYPE_HARDWARE, .size = ATTR_SIMD_SIZE,
		.config = PERF_COUNT_HW_CPU_CYCLES, .sample_period = 1000000000,
		.sample_type = PERF_SAMPLE_REGS_USER, .disabled = 1,
		.exclude_kernel = 1, .exclude_hv = 1,
	};
	uint8_t bytes[ATTR_SIMD_SIZE] = { 0 };

	bytes[ATTR_SIMD_ENABLED] = 1;
	bytes[ATTR_SIMD_VEC_QWORDS] = 2;
	bytes[ATTR_SIMD_VEC_USER] = bytes[ATTR_SIMD_VEC_USER + 1] = 0xff;
	return attr__try(bytes, &a);
}

int probe__pebs_xmm(void)
{
	struct perf_event_attr a = {
		.type = PERF_TYPE_HARDWARE, .size = PERFDATA_ATTR_VER7,
		.config = PERF_COUNT_HW_CPU_CYCLES, .sample_period = 1000000000,
		.sample_type = PERF_SAMPLE_REGS_INTR, .precise_ip = 1, .disabled = 1,
		.sample_regs_intr = UINT64_C(3) << 32,	/* PERF_REG_X86_XMM0 */
		.exclude_kernel = 1, .exclude_hv = 1,
	};
	uint8_t bytes[PERFDATA_ATTR_VER7];

	return attr__try(bytes, &a);
}

bool machine__is_virtual(void)
{
	uint32_t eax, ebx, ecx, edx;

	/* CPUID.1:ECX[31] is 0 on hardware and set by every hypervisor. */
	return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && ecx >> 31;
}

bool machine__has(enum xfeature nr)
{
	uint32_t eax, ebx, ecx, edx, edx1;

	if (nr <= XFEATURE_SSE)
		return true;
	if (nr == XFEATURE_YMM)
		return __get_cpuid(1, &eax, &ebx, &ecx, &edx) && (ecx & bit_AVX);
	if (!__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx))
		return false;
	switch (nr) {
	case XFEATURE_OPMASK:
	case XFEATURE_ZMM_Hi256:
	case XFEATURE_Hi16_ZMM:
		return ebx & bit_AVX512F;
	case XFEATURE_PKRU:
		return ecx >> 3 & 1;
	case XFEATURE_CET_USER:
		return ecx >> 7 & 1;
	case XFEATURE_XTILE_CFG:
	case XFEATURE_XTILE_DATA:
		return edx >> 24 & 1;
	case XFEATURE_APX:
		return eax >= 1 && __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx1) && edx1 >> 21 & 1;
	default:
		return false;
	}
}
