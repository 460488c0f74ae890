/* SPDX-License-Identifier: GPL-2.0-only */
#include <cpuid.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
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

void machine__layout_add(struct xstate_layout *l, enum xfeature nr)
{
	struct xstate_component c;
	uint32_t eax, ebx, ecx, edx;

	if (l->xfeatures & XFEATURE_MASK(nr) || !__get_cpuid_count(0xd, nr, &eax, &ebx, &ecx, &edx) || !eax)
		return;
	c = (struct xstate_component){ .size = eax, .offset = ebx, .flags = ecx & (XSTATE_COMP_SUPERVISOR | XSTATE_COMP_ALIGN64 | XSTATE_COMP_XFD) };
	/* a layout that does not take it leaves the component unknown */
	xstate_layout__add(l, nr, &c);
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

/* As the agent and ptrace copy it; a process may always read itself, but for a seccomp filter. */
int stack__probe(struct err *e)
{
	char from = 'x', to = 0;
	struct iovec local = { .iov_base = &to, .iov_len = 1 }, remote = { .iov_base = &from, .iov_len = 1 };

	if (process_vm_readv(getpid(), &local, 1, &remote, 1, 0) == 1 && to == from)
		return 0;
	return err__set(e, "process_vm_readv is refused: %s; a container's seccomp filter must allow it (CONFIG_CROSS_MEMORY_ATTACH in the kernel)",
			strerror(errno));
}
