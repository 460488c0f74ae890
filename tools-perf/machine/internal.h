/* SPDX-License-Identifier: GPL-2.0-only */
/* What the files of this folder share; nobody else includes it. */
#ifndef PERF_XREGS_MACHINE_INTERNAL_H
#define PERF_XREGS_MACHINE_INTERNAL_H

#include <elfutils/libdwfl.h>

#include "machine/machine.h"
#include "util/htab.h"

enum dso_kind {
	DSO_FILE, DSO_VDSO, DSO_KERNEL,
	DSO_JIT,			/* anonymous memory: /tmp/perf-PID.map */
	DSO_NONE,			/* no map covers the address */
};

enum { BUILD_ID_MAX = 20 };

/* A name at an address. Names live in the object's ELF file or in names. */
struct symtab_entry {
	uint64_t start, end;
	const char *name;		/* NULL: goes by its address */
	const struct symbol *sym;	/* made at the first hit */
};

struct segment {
	uint64_t offset, filesz, vaddr;
	bool exec;
};

struct object {
	struct dso dso;			/* first: what callers see */
	enum dso_kind kind;
	uint32_t pid;			/* DSO_JIT */
	uint8_t build_id_size;		/* of the recording; 0: not known */
	uint8_t build_id[BUILD_ID_MAX];
	uint64_t samples;
	const char *why;		/* state is not DSO_OK */
	Dwfl *dwfl;
	Dwfl_Module *module;
	const uint8_t *bytes;		/* of the file */
	size_t nr_bytes;
	struct segment *segment;
	unsigned int nr_segments;
	uint64_t low, high;		/* of its segments in memory, in whole pages */
	struct symtab_entry *symtab;
	size_t nr_symtab;
	char *names;			/* text that names point into */
	const struct symbol *unknown;
};

struct read_list {
	unsigned int nr, nr_masks;
	struct insn_read read[];	/* reads, then uses of masks */
};

/* An address of an object, whichever process it was met in. */
struct code {
	struct object *obj;
	uint64_t addr;
	const struct symbol *sym;
	const struct insn *insn;	/* NULL: not decoded yet */
	struct code *next;		/* behind the instruction; NULL: not looked for yet */
	const struct read_list *reads;	/* NULL: not looked for yet */
	const char *file;
	int line;
	bool line_tried;
	bool frame_tried, has_frame;
	bool cfi_tried, has_cfi;
	bool args_tried;
	const struct args *args;	/* NULL: none that are known */
};

/*
 * What a million samples look up: with a cache line a place, all that they
 * ask of it is at hand.
 */
struct place {
	struct location loc;		/* first: what callers see */
	struct object *obj;
	uint64_t offset;		/* into the mapped file */
	const struct insn *insn;	/* the code's, once asked for */
	const struct read_list *reads;
	struct code *code;
};

struct map {
	uint64_t start, end, pgoff;
	struct object *obj;
};

struct process {
	uint32_t pid;
	struct map *map;		/* by address, without overlap */
	size_t nr_maps, max_maps;
	uint64_t generation;		/* grows when maps change */
	struct unwinder *unwinder;	/* NULL: not needed yet */
};

struct thread {
	uint32_t pid, tid;
	const char *comm;
};

struct machine {
	struct machine_options opt;
	struct arena arena;
	struct htab processes, threads, objects, codes, places, strings;
	uint64_t expected;		/* hash of the place that comes next, 0: not known */
	struct process *last_process;
	struct thread *last_thread;
	struct object *kernel, *nowhere;
	uint64_t kernel_text;		/* address of _text at the recording, 0: unknown */
	struct source *sources;
	struct machine_problem *problem;
	uint32_t nr_symbols, nr_places;
};

/* object.c */
/** machine__same_kernel - the recording's release is that of this kernel */
bool machine__same_kernel(const struct machine *m);
/** machine__intern - the one copy of a string, NULL: out of memory */
const char *machine__intern(struct machine *m, const char *s);
struct object *machine__object(struct machine *m, const struct perfdata_mmap *map,
			       uint32_t pid);
struct object *machine__object_new(struct machine *m, enum dso_kind kind,
				   const char *path, uint32_t pid);
void object__free(struct object *o);
void object__open(struct machine *m, struct object *o);
bool object__vaddr(const struct object *o, uint64_t offset, uint64_t *vaddr);
const uint8_t *object__bytes(const struct object *o, uint64_t vaddr, size_t *size);
void object__fail(struct object *o, enum dso_state state, const char *why);

/* symtab.c */
void object__load_symtab(struct machine *m, struct object *o);
void object__sort_symtab(struct object *o);
const struct symbol *object__symbol(struct machine *m, struct object *o, uint64_t addr);

/** object__covered - a symbol among the first @nr overlaps the range */
bool object__covered(const struct object *o, size_t nr, const struct symtab_entry *range);

/* ehframe.c */
/** object__add_unwind_ranges - functions that only the unwind table knows */
void object__add_unwind_ranges(struct object *o);

/* textsyms.c: symbols that come as text */
void object__load_kallsyms(struct machine *m, struct object *o);
void object__load_jit(struct machine *m, struct object *o);
/** object__add_kallsyms - symbols of /proc/kallsyms; @text becomes the object's; false: none */
bool object__add_kallsyms(struct object *o, char *text);
/** object__add_jit - the same of a map of a JIT compiler */
bool object__add_jit(struct object *o, char *text);

/* machine.c */
struct code *location__code(const struct location *l);
/** machine__code - the code at an address of an object; NULL: no memory */
struct code *machine__code(struct machine *m, struct object *o, uint64_t addr);
const struct insn *code__insn(struct machine *m, struct code *c);

/* source.c */
void machine__free_sources(struct machine *m);

/* reads.c */
const struct read_list *location__reads(struct machine *m, const struct location *l);

/* process.c */
struct process *machine__process(struct machine *m, uint32_t pid);
struct thread *machine__thread(struct machine *m, uint32_t pid, uint32_t tid);
/** process__clear - no maps: exec() */
void process__clear(struct process *p);
void process__free(struct process *p);
int process__map(struct process *p, const struct map *new_map);
int process__copy_maps(struct process *to, const struct process *from);
const struct map *process__find(const struct process *p, uint64_t ip);

/* frame.c */
/** location__has_cfi - does an unwind table cover the code there? */
bool location__has_cfi(const struct location *l);

/* unwind.c */
struct callchain;
/** machine__unwind - append the user's frames of a sample by its registers and stack */
void machine__unwind(struct machine *m, const struct sample *s, struct callchain *c);
void process__drop_unwinder(struct process *p);

/* insn.c */
/** insn__decode - decode the first instruction of @size bytes */
void insn__decode(struct insn *insn, const uint8_t *bytes, size_t size, uint64_t addr);

#endif
