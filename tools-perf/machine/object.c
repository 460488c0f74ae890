/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Objects that are mapped: ELF files, the vdso, the kernel, anonymous code.
 * A file counts only when its build-id is the one of the recording.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <elfutils/libdwelf.h>
#include <gelf.h>

#include "machine/internal.h"

enum { VDSO_MAX_SIZE = 64 * 1024 };

static bool string__equal(const void *item, const void *key)
{
	return !strcmp(item, key);
}

const char *machine__intern(struct machine *m, const char *s)
{
	size_t len = strlen(s);
	uint64_t hash = hash_bytes(3, s, len);
	char *copy = htab__find(&m->strings, hash, string__equal, s);

	if (copy)
		return copy;
	copy = arena__copy(&m->arena, s, len);
	if (!copy || htab__add(&m->strings, hash, copy))
		return NULL;
	return copy;
}

/* ---- identity -------------------------------------------------------------- */

static bool object__equal(const void *item, const void *key)
{
	const struct object *a = item, *b = key;

	return a->kind == b->kind && a->pid == b->pid &&
	       a->build_id_size == b->build_id_size &&
	       !memcmp(a->build_id, b->build_id, a->build_id_size) &&
	       !strcmp(a->dso.path, b->dso.path);
}

static struct object *machine__intern_object(struct machine *m, const struct object *key)
{
	uint64_t hash = hash_bytes(hash_bytes(4, key->dso.path, strlen(key->dso.path)),
				   key->build_id, key->build_id_size);
	struct object *o;
	const char *slash;

	hash = hash_u64(hash, (uint64_t)key->kind << 32 | key->pid);
	o = htab__find(&m->objects, hash, object__equal, key);
	if (o)
		return o;
	o = arena__alloc(&m->arena, sizeof(*o));
	if (!o)
		return NULL;
	*o = *key;
	o->dso.path = machine__intern(m, key->dso.path);
	if (!o->dso.path || htab__add(&m->objects, hash, o))
		return NULL;
	slash = key->kind == DSO_FILE ? strrchr(o->dso.path, '/') : NULL;
	o->dso.name = slash && slash[1] ? slash + 1 : o->dso.path;
	return o;
}

struct object *machine__object_new(struct machine *m, enum dso_kind kind,
				   const char *path, uint32_t pid)
{
	struct object key = { .kind = kind, .pid = pid, .dso.path = path };

	return machine__intern_object(m, &key);
}

/* Memory without a file, in which a compiler at run time may put code. */
static bool path__is_anon(const char *path)
{
	static const char *const prefix[] = {
		"//anon", "[heap]", "[stack", "[anon:", "/memfd:", "/dev/zero",
		"/SYSV", "anon_inode:", "/anon_hugepage",
	};
	size_t i;

	for (i = 0; i < sizeof(prefix) / sizeof(prefix[0]); i++)
		if (!strncmp(path, prefix[i], strlen(prefix[i])))
			return true;
	return !*path;
}

static enum dso_kind path__kind(const char *path)
{
	if (path__is_anon(path))
		return DSO_JIT;
	if (!strcmp(path, "[vdso]"))
		return DSO_VDSO;
	return *path == '[' ? DSO_NONE : DSO_FILE;
}

/* The build-id of the map record, else of the file's BUILD_ID feature. */
static void object__set_build_id(struct object *key, const struct machine *m,
				 const struct perfdata_mmap *map)
{
	const uint8_t *id = map->build_id;
	size_t size = map->build_id_size;

	if (!size && m->opt.build_id)
		id = m->opt.build_id(m->opt.reader, map->filename, &size);
	if (!id || !size || size > BUILD_ID_MAX)
		return;
	memcpy(key->build_id, id, size);
	key->build_id_size = size;
}

struct object *machine__object(struct machine *m, const struct perfdata_mmap *map,
			       uint32_t pid)
{
	struct object key = { .kind = path__kind(map->filename) };
	char path[32];

	key.dso.path = map->filename;
	if (key.kind == DSO_JIT) {
		key.pid = pid;
		snprintf(path, sizeof(path), "[anon] of pid %u", pid);
		key.dso.path = path;
	} else {
		object__set_build_id(&key, m, map);
	}
	return machine__intern_object(m, &key);
}

void object__fail(struct object *o, enum dso_state state, const char *why)
{
	o->dso.state = state;
	o->why = why;
}

void object__free(struct object *o)
{
	if (o->dwfl)
		dwfl_end(o->dwfl);
	free(o->segment);
	free(o->symtab);
	free(o->names);
}

/* ---- opening ----------------------------------------------------------------- */

/* Separate debug files by .build-id and .gnu_debuglink, CRC and id checked. */
static const Dwfl_Callbacks callbacks = {
	.find_elf = dwfl_build_id_find_elf,
	.find_debuginfo = dwfl_standard_find_debuginfo,
};

static bool object__same_build_id(const struct object *o, Elf *elf)
{
	const void *id;
	ssize_t size;

	if (!o->build_id_size)
		return true;
	size = dwelf_elf_gnu_build_id(elf, &id);
	/* perf pads shorter ids to 20 bytes with zeroes */
	return size > 0 && size <= o->build_id_size && !memcmp(id, o->build_id, size);
}

static void object__add_range(struct object *o, const GElf_Phdr *ph)
{
	uint64_t align = ph->p_align ? ph->p_align : 1, high = ph->p_vaddr + ph->p_memsz;

	/* the first one is the lowest [ELF: PT_LOAD entries are in ascending order] */
	if (o->nr_segments == 1)
		o->low = ph->p_vaddr & -align;
	if (high > o->high)
		o->high = high;
}

static int object__add_segments(struct object *o, Elf *elf)
{
	size_t i, n;
	GElf_Phdr ph;

	if (elf_getphdrnum(elf, &n) || !n)
		return -1;
	o->segment = calloc(n, sizeof(*o->segment));
	for (i = 0; o->segment && i < n; i++) {
		if (!gelf_getphdr(elf, i, &ph) || ph.p_type != PT_LOAD)
			continue;
		o->segment[o->nr_segments++] = (struct segment){
			.offset = ph.p_offset, .filesz = ph.p_filesz,
			.vaddr = ph.p_vaddr, .exec = ph.p_flags & PF_X,
		};
		object__add_range(o, &ph);
	}
	return o->nr_segments ? 0 : -1;
}

/* The address space of the module is that of the file: base 0, p_vaddr added. */
static int object__try_fd(struct object *o, int fd, const char *path)
{
	GElf_Addr bias;
	Elf *elf;

	o->dwfl = dwfl_begin(&callbacks);
	if (!o->dwfl) {
		close(fd);
		return -1;
	}
	dwfl_report_begin(o->dwfl);
	o->module = dwfl_report_elf(o->dwfl, o->dso.name, path, fd, 0, true);
	if (!o->module)
		close(fd);
	dwfl_report_end(o->dwfl, NULL, NULL);
	elf = o->module ? dwfl_module_getelf(o->module, &bias) : NULL;
	if (!elf)
		object__fail(o, DSO_MISSING, "not an ELF file that can be read");
	else if (!object__same_build_id(o, elf))
		object__fail(o, DSO_MISMATCH, "another build than at the recording (build-id differs); put the old file below --symfs");
	else if (object__add_segments(o, elf))
		object__fail(o, DSO_MISSING, "no loadable segment");
	else
		o->dso.state = DSO_OK;
	if (o->dso.state == DSO_OK) {
		o->bytes = (const uint8_t *)elf_rawfile(elf, &o->nr_bytes);
		return 0;
	}
	dwfl_end(o->dwfl);
	o->dwfl = NULL;
	o->module = NULL;
	return -1;
}

static int object__try_path(struct object *o, const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0) {
		if (errno == EACCES || errno == EPERM)
			object__fail(o, DSO_MISSING, "no permission to read it");
		return -1;
	}
	if (fstat(fd, &st) || !S_ISREG(st.st_mode)) {
		close(fd);
		return -1;
	}
	return object__try_fd(o, fd, path);
}

/* perf's build-id cache: ~/.debug/.build-id/xx/yyyy/elf */
static int object__try_cache(struct object *o, const char *symfs)
{
	char hex[2 * BUILD_ID_MAX + 1], path[4096];
	const char *home = getenv("HOME");
	unsigned int i;

	if (!o->build_id_size || !home)
		return -1;
	for (i = 0; i < o->build_id_size; i++)
		sprintf(hex + 2 * i, "%02x", o->build_id[i]);
	if (snprintf(path, sizeof(path), "%s%s/.debug/.build-id/%.2s/%s/elf", symfs, home, hex, hex + 2) >= (int)sizeof(path))
		return -1;
	return object__try_path(o, path);
}

static void object__open_file(struct machine *m, struct object *o)
{
	const char *symfs = m->opt.symfs ? m->opt.symfs : "";
	char path[4096];

	object__fail(o, DSO_MISSING, "not found; --symfs names the folder below which files lie");
	if (snprintf(path, sizeof(path), "%s%s", symfs, o->dso.path) >= (int)sizeof(path))
		return;
	if (object__try_path(o, path) && o->dso.state != DSO_OK)
		object__try_cache(o, symfs);
	if (o->dso.state == DSO_OK)
		o->why = NULL;
}

bool machine__same_kernel(const struct machine *m)
{
	const struct perfdata_info *info = m->opt.info;
	struct utsname u;

	return !info || !info->osrelease || (!uname(&u) && !strcmp(u.release, info->osrelease));
}

static void object__open_vdso(struct machine *m, struct object *o)
{
	/* part of the kernel: ours is the recording's if the release is */
	const uint8_t *image = (const uint8_t *)getauxval(AT_SYSINFO_EHDR);
	Elf64_Ehdr eh;
	size_t size;
	int fd;

	if (!image || !machine__same_kernel(m)) {
		object__fail(o, DSO_MISMATCH, "of another kernel than the one that runs here");
		return;
	}
	memcpy(&eh, image, sizeof(eh));
	size = eh.e_shoff + (size_t)eh.e_shnum * eh.e_shentsize;
	fd = memfd_create("vdso", MFD_CLOEXEC);
	if (fd < 0 || size > VDSO_MAX_SIZE || write(fd, image, size) != (ssize_t)size) {
		object__fail(o, DSO_MISSING, "cannot be copied out of memory");
		if (fd >= 0)
			close(fd);
		return;
	}
	if (!object__try_fd(o, fd, "[vdso]"))
		o->why = NULL;
}

void object__open(struct machine *m, struct object *o)
{
	switch (o->kind) {
	case DSO_FILE:
		object__open_file(m, o);
		break;
	case DSO_VDSO:
		object__open_vdso(m, o);
		break;
	case DSO_KERNEL:
		object__load_kallsyms(m, o);
		return;
	case DSO_JIT:
		object__load_jit(m, o);
		return;
	case DSO_NONE:
		object__fail(o, DSO_MISSING, "no mapping of the recording covers the address");
		return;
	}
	if (o->dso.state == DSO_OK)
		object__load_symtab(m, o);
}

/* ---- bytes ---------------------------------------------------------------------- */

bool object__vaddr(const struct object *o, uint64_t offset, uint64_t *vaddr)
{
	const struct segment *s, *best = NULL;
	unsigned int i;

	for (i = 0; i < o->nr_segments; i++) {
		s = &o->segment[i];
		if (offset >= s->offset && offset - s->offset < s->filesz && (!best || s->exec))
			best = s;
	}
	if (best)
		*vaddr = offset - best->offset + best->vaddr;
	return best;
}

const uint8_t *object__bytes(const struct object *o, uint64_t vaddr, size_t *size)
{
	const struct segment *s;
	uint64_t offset;
	unsigned int i;

	for (i = 0; i < o->nr_segments; i++) {
		s = &o->segment[i];
		if (!s->exec || vaddr < s->vaddr || vaddr - s->vaddr >= s->filesz)
			continue;
		offset = vaddr - s->vaddr + s->offset;
		if (!o->bytes || offset >= o->nr_bytes)
			return NULL;
		*size = s->filesz - (vaddr - s->vaddr);
		if (*size > o->nr_bytes - offset)
			*size = o->nr_bytes - offset;
		return o->bytes + offset;
	}
	return NULL;
}
