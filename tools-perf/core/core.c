/* SPDX-License-Identifier: GPL-2.0-only */
/* The notes and segments of an ELF core, by libelf. */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/procfs.h>
#include <unistd.h>

#include "core/core.h"
#include "perfdata/bytes.h"

enum { NT_GDB_TDESC = 0xff000000 };	/* binutils, include/elf/common.h */

#ifndef NT_X86_XSAVE_LAYOUT
#define NT_X86_XSAVE_LAYOUT	0x205	/* include/uapi/linux/elf.h, since 6.12 */
#endif

static int core__damaged(const struct core *c, uint64_t offset, const char *what, struct err *e)
{
	return err__set(e, "cannot import '%s': %s at offset %llu; dump the process again, without a limit on the size of core files",
			c->path, what, (unsigned long long)offset);
}

static struct core_thread *core__add_thread(struct core *c)
{
	struct core_thread *t = realloc(c->threads, (c->nr_threads + 1) * sizeof(*t));

	if (!t)
		return NULL;
	c->threads = t;
	t += c->nr_threads++;
	memset(t, 0, sizeof(*t));
	return t;
}

/* Each thread's notes start with this one [fs/binfmt_elf.c: fill_note_info()]. */
static int core__prstatus(struct core *c, const uint8_t *desc, size_t size,
			  uint64_t offset, struct err *e)
{
	struct elf_prstatus p;
	struct core_thread *t;

	_Static_assert(sizeof(p.pr_reg) == sizeof(t->regs), "general registers of x86-64");
	if (size < sizeof(p))
		return core__damaged(c, offset, "a note NT_PRSTATUS is too short", e);
	memcpy(&p, desc, sizeof(p));
	t = core__add_thread(c);
	if (!t)
		return err__set(e, "out of memory");
	t->tid = p.pr_pid;
	memcpy(&t->regs, &p.pr_reg, sizeof(t->regs));
	if (c->nr_threads == 1)
		c->signal = p.pr_cursig;
	return 0;
}

static int core__psinfo(struct core *c, const uint8_t *desc, size_t size,
			uint64_t offset, struct err *e)
{
	struct elf_prpsinfo p;

	if (size < sizeof(p))
		return core__damaged(c, offset, "a note NT_PRPSINFO is too short", e);
	memcpy(&p, desc, sizeof(p));
	c->pid = p.pr_pid;
	c->ppid = p.pr_ppid;
	memcpy(c->comm, p.pr_fname, sizeof(p.pr_fname));
	return 0;
}

static int core__xstate(struct core *c, const uint8_t *desc, size_t size,
			uint64_t offset, struct err *e)
{
	struct core_thread *t = c->nr_threads ? &c->threads[c->nr_threads - 1] : NULL;

	if (!t)
		return core__damaged(c, offset, "a note NT_X86_XSTATE precedes the first thread", e);
	t->xsave = desc;
	t->xsave_size = size;
	t->xsave_offset = offset;
	return 0;
}

static uint32_t core__prot(const struct core *c, uint64_t addr)
{
	size_t n, i;
	GElf_Phdr ph;

	if (elf_getphdrnum(c->elf, &n))
		return 0;
	for (i = 0; i < n; i++) {
		if (!gelf_getphdr(c->elf, i, &ph) || ph.p_type != PT_LOAD ||
		    addr < ph.p_vaddr || addr - ph.p_vaddr >= ph.p_memsz)
			continue;
		return (ph.p_flags & PF_R ? PROT_READ : 0) | (ph.p_flags & PF_W ? PROT_WRITE : 0) |
		       (ph.p_flags & PF_X ? PROT_EXEC : 0);
	}
	return 0;
}

/*
 * NT_FILE: u64 count, u64 page size, count times {start, end, offset in
 * pages}, then count names [fs/binfmt_elf.c: fill_files_note()].
 */
static int core__files(struct core *c, const uint8_t *desc, size_t size,
		       uint64_t offset, struct err *e)
{
	struct span d = span__of(desc, size), names;
	uint64_t n = span__u64(&d), page = span__u64(&d), i;
	const uint8_t *table = span__array(&d, n, 24);

	if (!table || c->maps)
		return core__damaged(c, offset, "a note NT_FILE is too short or there are two", e);
	names = d;
	d = span__of(table, n * 24);
	c->maps = calloc(n + 1, sizeof(*c->maps));
	if (!c->maps)
		return err__set(e, "out of memory");
	for (i = 0; i < n; i++) {
		struct core_map m = { .start = span__u64(&d), .end = span__u64(&d) };

		m.pgoff = span__u64(&d) * page;
		m.path = span__string(&names);
		m.prot = core__prot(c, m.start);
		if (!m.path || m.end <= m.start)
			c->skipped_maps++;
		else
			c->maps[c->nr_maps++] = m;
	}
	return 0;
}

static int core__layout_note(struct core *c, const uint8_t *desc, size_t size,
			     uint64_t offset, struct err *e)
{
	(void)offset;
	(void)e;
	c->layout = desc;
	c->layout_size = size;
	return 0;
}

/* gdb writes one, the kernel never [bfd/elf.c: elfcore_write_gdb_tdesc()]. */
static int core__gdb_note(struct core *c, const uint8_t *desc, size_t size,
			  uint64_t offset, struct err *e)
{
	(void)desc, (void)size, (void)offset, (void)e;
	c->by_gdb = true;
	return 0;
}

static const struct {
	const char *owner;
	uint32_t type;
	int (*read)(struct core *c, const uint8_t *desc, size_t size, uint64_t offset, struct err *e);
} notes[] = {
	{ "CORE", NT_PRSTATUS, core__prstatus },
	{ "CORE", NT_PRPSINFO, core__psinfo },
	{ "CORE", NT_FILE, core__files },
	{ "LINUX", NT_X86_XSTATE, core__xstate },
	{ "LINUX", NT_X86_XSAVE_LAYOUT, core__layout_note },
	{ "GDB", NT_GDB_TDESC, core__gdb_note },
};

static int core__note(struct core *c, const GElf_Nhdr *n, const char *owner,
		      const uint8_t *desc, uint64_t offset, struct err *e)
{
	size_t i;

	for (i = 0; i < sizeof(notes) / sizeof(notes[0]); i++)
		if (notes[i].type == n->n_type && n->n_namesz == strlen(notes[i].owner) + 1 &&
		    !memcmp(notes[i].owner, owner, n->n_namesz))
			return notes[i].read(c, desc, n->n_descsz, offset, e);
	return 0;
}

static int core__note_segment(struct core *c, const GElf_Phdr *ph, struct err *e)
{
	Elf_Data *d = elf_getdata_rawchunk(c->elf, ph->p_offset, ph->p_filesz, ELF_T_NHDR);
	size_t at = 0, name, desc, next;
	GElf_Nhdr n;

	if (!d)
		return core__damaged(c, ph->p_offset, "the file ends inside its notes", e);
	while (at < d->d_size) {
		next = gelf_getnote(d, at, &n, &name, &desc);
		if (!next)
			return core__damaged(c, ph->p_offset + at, "a note is damaged", e);
		if (core__note(c, &n, (char *)d->d_buf + name, (uint8_t *)d->d_buf + desc, ph->p_offset + desc, e))
			return -1;
		at = next;
	}
	return 0;
}

static int core__notes(struct core *c, struct err *e)
{
	size_t n, i;
	GElf_Phdr ph;

	if (elf_getphdrnum(c->elf, &n))
		return err__set(e, "cannot import '%s': %s", c->path, elf_errmsg(-1));
	for (i = 0; i < n; i++) {
		if (!gelf_getphdr(c->elf, i, &ph))
			return err__set(e, "cannot import '%s': program header %zu: %s", c->path, i, elf_errmsg(-1));
		if (ph.p_type == PT_NOTE && core__note_segment(c, &ph, e))
			return -1;
	}
	if (!c->nr_threads)
		return err__set(e, "cannot import '%s': it has no note NT_PRSTATUS, so no thread", c->path);
	if (!c->pid)
		c->pid = c->threads[0].tid;
	return 0;
}

static int core__check(const struct core *c, struct err *e)
{
	GElf_Ehdr eh;

	if (elf_kind(c->elf) != ELF_K_ELF || !gelf_getehdr(c->elf, &eh))
		return err__set(e, "cannot import '%s': not an ELF file; a core file comes from the kernel (ulimit -c) or from gdb's gcore", c->path);
	if (eh.e_type != ET_CORE)
		return err__set(e, "cannot import '%s': an ELF file, but not a core file", c->path);
	if (eh.e_machine != EM_X86_64 || eh.e_ident[EI_CLASS] != ELFCLASS64)
		return err__set(e, "cannot import '%s': a core file of ELF machine %u, class %u; only x86-64's are read",
				c->path, eh.e_machine, eh.e_ident[EI_CLASS]);
	return 0;
}

int core__open(struct core *c, const char *path, struct err *e)
{
	*c = (struct core){ .path = path };
	elf_version(EV_CURRENT);
	c->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (c->fd < 0)
		return err__set(e, "cannot open '%s': %s", path, strerror(errno));
	c->elf = elf_begin(c->fd, ELF_C_READ_MMAP, NULL);
	if (!c->elf)
		return err__set(e, "cannot import '%s': %s", path, elf_errmsg(-1));
	return core__check(c, e) || core__notes(c, e) ? -1 : 0;
}

void core__close(struct core *c)
{
	free(c->threads);
	free(c->maps);
	elf_end(c->elf);
	if (c->fd >= 0)
		close(c->fd);
	*c = (struct core){ .fd = -1 };
}
