/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Processes, their maps, symbols and the instruction at an address. Built up
 * from MMAP2, COMM, FORK and EXIT records in time order; symbols by libdwfl,
 * instructions by Zydis from the bytes of the binary.
 */
#ifndef PERF_XREGS_MACHINE_H
#define PERF_XREGS_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include <xstate/xstate.h>

#include "perfdata/perfdata.h"
#include "util/err.h"

struct machine;

struct machine_options {
	const char *symfs;		/* look for files below this folder */
	bool no_demangle;
	/* of the recording, for the kernel's release; NULL: assume this kernel */
	const struct perfdata_info *info;
	/* perfdata_reader__build_id, for maps without a build-id; NULL: none */
	const uint8_t *(*build_id)(const struct perfdata_reader *reader,
				   const char *filename, size_t *size);
	const struct perfdata_reader *reader;	/* its argument */
};

enum dso_state {
	DSO_UNTRIED, DSO_OK,
	DSO_MISSING,			/* file not found or not readable */
	DSO_MISMATCH,			/* another build-id than at the recording */
	DSO_NO_SYMBOLS,
};

struct dso {
	const char *path;		/* "/usr/bin/xz", "[vdso]", "//anon", "[unknown]" */
	const char *name;		/* short: "xz", "[vdso]" */
	enum dso_state state;
};

struct symbol {
	const char *name;		/* demangled; "[unknown]" where there is none */
	const struct dso *dso;
	uint64_t start, end;		/* in the file's address space */
	uint32_t id;			/* dense, for tables by symbol */
};

enum insn_encoding {
	INSN_OTHER,			/* no vector register involved */
	INSN_LEGACY_SSE,
	INSN_VEX,
	INSN_EVEX,
	INSN_X87_MMX,
};

enum insn_access { INSN_READ = 1, INSN_WRITE = 2 };

/* Where control goes behind an instruction. */
enum insn_flow {
	INSN_NEXT,			/* to the next one */
	INSN_JUMP,			/* to target */
	INSN_BRANCH,			/* to target or to the next one */
	INSN_LEAVES,			/* call, return, indirect, trap */
};

/* A register operand of a vector instruction. */
struct insn_operand {
	struct xstate_reg reg;		/* XMM, YMM, ZMM, OPMASK, TMM, ... */
	uint8_t access;			/* INSN_READ | INSN_WRITE */
	bool typed;			/* type is known */
	/*
	 * The instruction reads lanes of that type as numbers: it computes,
	 * compares or converts. False where the type only stands in the
	 * mnemonic (movaps, shufps, andps): compilers use those for any data.
	 */
	bool computes;
	bool result;			/* written: a number that it computed */
	bool is_mask;			/* the opmask that predicates */
	enum xstate_type type;		/* of a lane, when typed */
	uint16_t bytes;			/* low bytes of the register it uses (scalar: one lane) */
	uint8_t lanes;			/* opmask: how many of its bits count, else 0 */
};

struct insn {
	bool known;			/* bytes were found and decoded */
	enum insn_encoding encoding;
	bool scalar;			/* works on the lowest lane alone */
	bool zeroing;			/* EVEX.z */
	bool clears_upper;		/* vzeroupper, vzeroall */
	uint16_t vector_bits;		/* 0, 64, 128, 256, 512 */
	uint8_t nr_operands;
	struct insn_operand operand[8];
	uint8_t length;
	uint8_t flow;			/* enum insn_flow */
	uint64_t target;		/* in the file's address space */
	char text[96];			/* Intel syntax */
};

/* What is at an address of a process. Interned: equal ip, map -> same pointer. */
struct location {
	uint64_t ip;			/* as sampled */
	uint64_t addr;			/* in the file's address space */
	const struct symbol *sym;	/* never NULL */
	uint32_t id;			/* dense */
};

/**
 * machine__new - an empty machine
 * @m: written on success
 *
 * Symbols never come over the network: DEBUGINFOD_URLS is taken out of the
 * environment of this process.
 *
 * Return: 0, or -1 with @e: out of memory.
 */
int machine__new(const struct machine_options *o, struct machine **m,
		 struct err *e);
void machine__free(struct machine *m);

/** machine__record - learn from a non-sample record; others are ignored */
int machine__record(struct machine *m, const struct perfdata_record *rec,
		    struct err *e);

/** machine__find - symbol and object at @ip of @pid; never NULL */
const struct location *machine__find(struct machine *m, uint32_t pid,
				     uint64_t ip, uint8_t cpumode);

/**
 * machine__expect_next - machine__find() will be asked for the reader's next sample
 * machine__expect_soon - ... after some other work: it has it at hand then
 */
void machine__expect_next(struct machine *m, const struct perfdata_reader *r);
void machine__expect_soon(const struct machine *m);

/** machine__caller - as machine__find(), of a call chain: not counted as a sample */
const struct location *machine__caller(struct machine *m, uint32_t pid,
				       uint64_t ip, uint8_t cpumode);

/** machine__beside - the location @delta bytes from another, in the same object */
const struct location *machine__beside(struct machine *m, const struct location *l,
				       int64_t delta);

/** machine__insn - the instruction at a location; known == false if none */
const struct insn *machine__insn(struct machine *m, const struct location *l);

/*
 * A vector register whose contents at a location are read by the code there:
 * by the instruction itself or by one behind it, with no write in between.
 */
struct insn_read {
	const struct insn_operand *op;	/* of insn; its register, type and bytes */
	const struct insn *insn;	/* the reader */
	const struct location *loc;	/* of the reader */
	/*
	 * First that reads it as numbers; else first at all. What is stored to
	 * memory counts as well, where the code goes on to compute such a
	 * number into that register: it is a loop, and holds the last one.
	 */
	bool computes;
};

/**
 * machine__reads - who reads what the vector registers hold at a location
 * @list: written: one entry a register for its first reader, one for the first
 *	that computes with it; in the order in which they were found
 *
 * A sample's IP is seldom the instruction that the time goes to: the timer
 * interrupt is taken behind it, and in a loop of long-latency arithmetic
 * nearly always at the counter's add or the branch. What the registers hold
 * there is what the arithmetic reads next, so it is that which types them.
 * Looks 32 instructions ahead, along both ways of a branch, not into calls.
 *
 * Return: the number of entries; 0 where the instruction is not known.
 */
unsigned int machine__reads(struct machine *m, const struct location *l,
			    const struct insn_read **list);

/**
 * machine__masks - what the opmasks predicate at a location
 * @list: written: for each of k1-k7 the first instruction that it predicates,
 *	with no write to it in between; found as machine__reads() finds readers
 *
 * Return: the number of entries.
 */
unsigned int machine__masks(struct machine *m, const struct location *l,
			    const struct insn_read **list);

/**
 * machine__has_frame - the function at a location has set up its frame pointer
 *
 * Only then does a call chain by frame pointers begin with its caller; in a
 * leaf without a frame, in prologues and behind the epilogue RBP is still, or
 * again, the caller's, and the chain begins with the caller's caller. Taken
 * from the unwind table: the CFA is an offset to RBP [System V ABI for x86-64,
 * 3.2.2; DWARF 5, 6.4]. Without a table by the function's first and current
 * instruction; false where neither is known.
 */
bool machine__has_frame(struct machine *m, const struct location *l);

/** machine__srcline - source file and line; false when not known */
bool machine__srcline(struct machine *m, const struct location *l,
		      const char **file, int *line);

/**
 * machine__source_text - a line of a source file, below symfs
 * @l: a location of the object whose debug information names @file
 *
 * Return: the line without leading blanks and end of line; NULL: no such
 * regular file, no such line, or the file is newer than the object, so that
 * its lines are others now.
 */
const char *machine__source_text(struct machine *m, const struct location *l,
				 const char *file, int line);

/**
 * machine__comm - name of a thread, ":TID" when not known
 *
 * "swapper" and "[exited]" are names, of tasks that no record can tell apart: the
 * idle ones with tid 0, and with tid -1 those that were reaped by their parent
 * while they were still on their way out, which the kernel has no number for any
 * more [kernel/events/core.c: perf_event_pid_type()].
 */
const char *machine__comm(struct machine *m, uint32_t pid, uint32_t tid);

/*
 * Objects with samples that gave no symbols, for the foot of a report: cause
 * and remedy in words. Most samples first; the list lives until the next call.
 */
struct machine_problem { const struct dso *dso; uint64_t samples; const char *why; };
unsigned int machine__problems(struct machine *m,
			       const struct machine_problem **list);

#endif
