/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ELF core files: what the threads of a process had in their registers when it
 * was dumped [fs/binfmt_elf.c, arch/x86/kernel/fpu/regset.c,
 * arch/x86/kernel/fpu/xstate.c: dump_xsave_layout_desc()].
 */
#ifndef PERF_XREGS_CORE_H
#define PERF_XREGS_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libelf.h>
#include <sys/types.h>
#include <sys/user.h>

#include <xstate/xstate.h>

#include "perfdata/perfdata.h"
#include "util/err.h"

struct core_thread {
	uint32_t tid;
	struct user_regs_struct regs;	/* of NT_PRSTATUS */
	const uint8_t *xsave;		/* NT_X86_XSTATE, or NULL */
	size_t xsave_size;
	uint64_t xsave_offset;		/* in the file, for messages */
};

struct core_map {
	uint64_t start, end, pgoff;
	uint32_t prot;			/* PROT_*, of the segment that holds it */
	const char *path;
	uint8_t build_id[20];
	uint8_t build_id_size;		/* 0: not in the core */
};

struct core {
	int fd;
	Elf *elf;
	const char *path;
	uint32_t pid, ppid;
	int signal;			/* that ended the process, 0: none */
	char comm[17];
	struct core_thread *threads;	/* the one that the signal hit is first */
	size_t nr_threads;
	struct core_map *maps;
	size_t nr_maps;
	const uint8_t *layout;		/* NT_X86_XSAVE_LAYOUT, or NULL */
	size_t layout_size;
	size_t skipped_maps;		/* entries of NT_FILE that are damaged */
	bool by_gdb;			/* with gdb's note of its own */
};

/**
 * core__open - read the notes of a core file
 * @c: written; core__close() it
 *
 * Return: 0, or -1 with @e: cannot open, not an ELF core of x86-64, cut off
 * inside its notes, without threads.
 */
int core__open(struct core *c, const char *path, struct err *e);
void core__close(struct core *c);

/** core__build_ids - fill the maps' build-ids from what the core has of them */
void core__build_ids(struct core *c);

/** core__xcr0 - components that the kernel copied into a thread's note */
uint64_t core__xcr0(const struct core_thread *t);

/**
 * core__layout - where the components lie in this core's notes
 * @from: NULL: the core alone must say; "host": this machine's CPUID; else a
 *	perf.data file with a layout, or another core with the note
 * @l: written on success
 * @why: one sentence: where it comes from
 *
 * Return: 0, or -1 with @e when the layout cannot be known or contradicts the
 * size of the notes.
 */
int core__layout(const struct core *c, const char *from,
		 struct xstate_layout *l, char *why, size_t size, struct err *e);

/** core__gdb_places - are the components of this note where gdb up to 13 puts them? */
bool core__gdb_places(const struct core *c, const struct core_thread *t);

/** core__trusted - components that are certain to be this thread's own */
uint64_t core__trusted(const struct core *c, const struct core_thread *t,
		       const struct xstate_layout *l);

struct core_counts {
	uint64_t samples;
	uint64_t without;		/* threads without NT_X86_XSTATE */
	uint64_t untrusted;		/* components that an old gdb did not get right */
};

/**
 * core__import - write a perf.data file with a sample of each thread
 * @l: layout, @why: of core__layout()
 *
 * Return: 0, or -1 with @e: an XSAVE image that contradicts itself (with its
 * offset), or the file cannot be written.
 */
int core__import(const struct core *c, const struct xstate_layout *l,
		 const char *why, const char *output, struct core_counts *n,
		 struct err *e);

#endif
