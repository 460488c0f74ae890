/* SPDX-License-Identifier: GPL-2.0-only */
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent.h"

struct agent xr_agent;

static int fork_slot = -1;

/*
 * The linker of Go marks what it makes by a note of owner "Go" (type 4, the
 * build id). Go's runtime installs its handlers by system call and would take
 * our SIGTRAPs for crashes.
 */
static bool notes__have_go(const uint8_t *p, size_t size)
{
	Elf64_Nhdr n;
	size_t at = 0, name;

	while (at + sizeof(n) <= size) {
		memcpy(&n, p + at, sizeof(n));
		name = at + sizeof(n);
		if (n.n_namesz > size || n.n_descsz > size)
			return false;
		if (n.n_namesz >= 2 && name + n.n_namesz <= size && n.n_type == 4 &&
		    !memcmp(p + name, "Go", 2))
			return true;
		at = name + ((n.n_namesz + 3) & ~3u) + ((n.n_descsz + 3) & ~3u);
	}
	return false;
}

static int program__is_go(struct dl_phdr_info *info, size_t size, void *arg)
{
	unsigned int i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *ph = &info->dlpi_phdr[i];

		if (ph->p_type == PT_NOTE &&
		    notes__have_go((const uint8_t *)info->dlpi_addr + ph->p_vaddr, ph->p_memsz))
			*(bool *)arg = true;
	}
	return 1;	/* the first object is the program */
}

static void fork__prepare(void)
{
	fork_slot = shm__slot();
}

/*
 * The child starts as a copy: the same masks, the same alternate stack at the
 * same address. Events and timers of the parent are not inherited.
 */
static void fork__child(void)
{
	struct thread copy = { 0 }, *t;
	int from = fork_slot, slot;

	if (from >= 0)
		copy = xr_agent.threads[from];
	xr_agent.pid = getpid();
	slot = shm__slot();
	if (slot >= 0) {
		t = &xr_agent.threads[slot];
		copy.ring = t->ring;
		copy.timer = 0;
		copy.held = false;
		*t = copy;
	}
	event__start_process();
}

static void agent__find_self(void)
{
	Dl_info info;

	if (dladdr(&xr_agent, &info) && info.dli_fname)
		strncpy(xr_agent.lib_path, info.dli_fname, sizeof(xr_agent.lib_path) - 1);
}

__attribute__((constructor))
static void agent__start(void)
{
	const char *path = getenv(XR_AGENT_ENV);
	bool go = false;

	if (!path || strlen(path) >= sizeof(xr_agent.shm_path) || shm__map(path))
		return;
	strcpy(xr_agent.shm_path, path);
	agent__find_self();
	xr_agent.pid = getpid();
	exec__init();
	mask__init();
	stack__init();
	dl_iterate_phdr(program__is_go, &go);
	if (go) {
		proc__hello(xr_agent.pid, XR_GO, 0);
		return;
	}
	trap__init();
	mask__start();
	stack__start_main();
	pthread_atfork(fork__prepare, NULL, fork__child);
	xr_agent.on = true;
	event__start_process();
}
