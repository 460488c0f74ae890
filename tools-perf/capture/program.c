/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "capture/capture.h"

enum {
	SCRIPT_LINE	= 256,		/* BINPRM_BUF_SIZE */
	SCRIPT_DEPTH	= 4,		/* fs/exec.c: exec_binprm() */
	NT_GO_BUILD_ID	= 4,
};

static int program__search(const char *name, char *path, struct err *e)
{
	const char *dir = getenv("PATH"), *end;
	bool denied = false;

	for (dir = dir && *dir ? dir : "/bin:/usr/bin"; ; dir = end + 1) {
		int len;

		end = strchrnul(dir, ':');
		len = end - dir;
		if ((size_t)len + strlen(name) + 2 < PATH_MAX) {
			sprintf(path, "%.*s%s%s", len, dir, len ? "/" : "", name);
			if (!access(path, X_OK))
				return 0;
			denied |= errno == EACCES;
		}
		if (!*end)
			break;
	}
	if (denied)
		return err__set(e, "cannot record '%s': found in PATH, but not executable", name);
	return err__set(e, "cannot record '%s': no such program in PATH; give its path, e.g. ./%s", name, name);
}

static int program__find(const char *name, char *path, struct err *e)
{
	struct stat st;

	if (!strchr(name, '/')) {
		if (program__search(name, path, e))
			return -1;
	} else if (strlen(name) >= PATH_MAX) {
		return err__set(e, "cannot record '%.64s...': the path is too long", name);
	} else {
		strcpy(path, name);
	}
	if (stat(path, &st))
		return err__set(e, "cannot record '%s': %s", path, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return err__set(e, "cannot record '%s': it is a folder; name a program", path);
	if (access(path, X_OK))
		return err__set(e, "cannot record '%s': not executable; chmod +x makes it so", path);
	return 0;
}

/* "#! interpreter argument": as load_script() takes it. */
static bool script__interpreter(const char *head, char *path)
{
	size_t skip, len;

	if (strncmp(head, "#!", 2))
		return false;
	head += 2;
	skip = strspn(head, " \t");
	len = strcspn(head + skip, " \t\r\n");
	if (!len || len >= PATH_MAX)
		return false;
	memcpy(path, head + skip, len);
	path[len] = '\0';
	return true;
}

static bool elf__has_go_note(Elf *elf, const GElf_Phdr *ph)
{
	Elf_Data *d = elf_getdata_rawchunk(elf, ph->p_offset, ph->p_filesz, ELF_T_NHDR);
	size_t at = 0, name, desc;
	GElf_Nhdr nh;

	while (d && (at = gelf_getnote(d, at, &nh, &name, &desc)))
		if (nh.n_type == NT_GO_BUILD_ID && nh.n_namesz >= 2 &&
		    !memcmp((char *)d->d_buf + name, "Go", 2))
			return true;
	return false;
}

static bool interp__is_glibc(Elf *elf, const GElf_Phdr *ph)
{
	size_t size;
	const char *raw = elf_rawfile(elf, &size);

	return raw && ph->p_offset + ph->p_filesz <= size &&
	       memmem(raw + ph->p_offset, ph->p_filesz, "ld-linux-x86-64", 15);
}

static enum program_kind elf__kind(Elf *elf)
{
	enum program_kind kind = PROGRAM_STATIC;
	GElf_Ehdr eh;
	GElf_Phdr ph;
	size_t i, n;

	if (!gelf_getehdr(elf, &eh) || elf_getphdrnum(elf, &n))
		return PROGRAM_UNREADABLE;
	if (eh.e_machine != EM_X86_64 || eh.e_ident[EI_CLASS] != ELFCLASS64)
		return PROGRAM_OTHER_ARCH;
	for (i = 0; i < n; i++) {
		if (!gelf_getphdr(elf, i, &ph))
			return PROGRAM_UNREADABLE;
		if (ph.p_type == PT_NOTE && elf__has_go_note(elf, &ph))
			return PROGRAM_GO;
		if (ph.p_type == PT_INTERP)
			kind = interp__is_glibc(elf, &ph) ? PROGRAM_DYNAMIC : PROGRAM_FOREIGN;
	}
	return kind;
}

static enum program_kind file__kind(int fd)
{
	enum program_kind kind = PROGRAM_UNREADABLE;
	struct stat st;
	Elf *elf;

	if (fstat(fd, &st))
		return kind;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF)
		kind = elf__kind(elf);
	elf_end(elf);
	if (kind == PROGRAM_DYNAMIC &&
	    (((st.st_mode & S_ISUID) && st.st_uid != geteuid()) ||
	     ((st.st_mode & S_ISGID) && st.st_gid != getegid())))
		return PROGRAM_SETUID;
	return kind;
}

int program__inspect(const char *name, char *path, enum program_kind *kind, struct err *e)
{
	char head[SCRIPT_LINE + 1];
	int depth, fd;
	ssize_t n;

	if (program__find(name, path, e))
		return -1;
	*kind = PROGRAM_UNREADABLE;
	for (depth = 0; depth < SCRIPT_DEPTH; depth++) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return 0;	/* may be run without being readable */
		n = pread(fd, head, SCRIPT_LINE, 0);
		head[n > 0 ? n : 0] = '\0';
		if (!script__interpreter(head, path)) {
			*kind = file__kind(fd);
			close(fd);
			return 0;
		}
		close(fd);
	}
	return 0;
}

const char *program__why(enum program_kind kind)
{
	static const char *const why[] = {
		[PROGRAM_DYNAMIC] = "is dynamically linked",
		[PROGRAM_STATIC] = "is statically linked",
		[PROGRAM_GO] = "is a Go program, whose runtime handles signals itself",
		[PROGRAM_FOREIGN] = "uses another C library than glibc",
		[PROGRAM_SETUID] = "is setuid or setgid, so that its loader ignores LD_PRELOAD",
		[PROGRAM_OTHER_ARCH] = "is not an x86-64 program",
		[PROGRAM_UNREADABLE] = "cannot be read as an ELF file",
	};

	return why[kind];
}

static size_t elf__build_id(Elf *elf, uint8_t id[20])
{
	size_t i, n, at, name, desc;
	Elf_Data *d;
	GElf_Nhdr nh;
	GElf_Phdr ph;

	if (elf_getphdrnum(elf, &n))
		return 0;
	for (i = 0; i < n; i++) {
		if (!gelf_getphdr(elf, i, &ph) || ph.p_type != PT_NOTE)
			continue;
		d = elf_getdata_rawchunk(elf, ph.p_offset, ph.p_filesz,
					 ph.p_align == 8 ? ELF_T_NHDR8 : ELF_T_NHDR);
		for (at = 0; d && (at = gelf_getnote(d, at, &nh, &name, &desc)); )
			if (nh.n_type == NT_GNU_BUILD_ID && nh.n_namesz == 4 &&
			    nh.n_descsz && nh.n_descsz <= 20 &&
			    !memcmp((char *)d->d_buf + name, "GNU", 4)) {
				memcpy(id, (char *)d->d_buf + desc, nh.n_descsz);
				return nh.n_descsz;
			}
	}
	return 0;
}

size_t program__build_id(const char *path, uint8_t id[20])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t size = 0;
	Elf *elf;

	if (fd < 0)
		return 0;
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (elf && elf_kind(elf) == ELF_K_ELF)
		size = elf__build_id(elf, id);
	elf_end(elf);
	close(fd);
	return size;
}
