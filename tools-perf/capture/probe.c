/* SPDX-License-Identifier: GPL-2.0-only */
#include <cpuid.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
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
