/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The agent over exec: programs that pass an environment of their own to
 * execve() or posix_spawn() get our two variables in it, the recorder hears of
 * every exec, and a program that the agent cannot be loaded into is told apart
 * before it runs. All of this may run in a vfork() child: no allocation.
 */
#include <alloca.h>
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent.h"

typedef char *const *strings;

static int (*real_execve)(const char *, strings, strings);
static int (*real_execvpe)(const char *, strings, strings);
static int (*real_fexecve)(int, strings, strings);
static int (*real_execveat)(int, const char *, strings, strings, int);
static int (*real_posix_spawn)(pid_t *, const char *, const posix_spawn_file_actions_t *,
			       const posix_spawnattr_t *, strings, strings);
static int (*real_posix_spawnp)(pid_t *, const char *, const posix_spawn_file_actions_t *,
				const posix_spawnattr_t *, strings, strings);

static const char preload_var[] = "LD_PRELOAD=";
static const char agent_var[] = XR_AGENT_ENV "=";

void exec__init(void)
{
	if (real_execve)
		return;
	real_execvpe = dlsym(RTLD_NEXT, "execvpe");
	real_fexecve = dlsym(RTLD_NEXT, "fexecve");
	real_execveat = dlsym(RTLD_NEXT, "execveat");
	real_posix_spawn = dlsym(RTLD_NEXT, "posix_spawn");
	real_posix_spawnp = dlsym(RTLD_NEXT, "posix_spawnp");
	real_execve = dlsym(RTLD_NEXT, "execve");
}

/* ---- the environment ----------------------------------------------------- */

static const char *env__value(const char *entry, const char *var)
{
	size_t len = strlen(var);

	return strncmp(entry, var, len) ? NULL : entry + len;
}

static size_t env__room(strings envp)
{
	size_t n = 0, len = 0;

	for (; envp && envp[n]; n++)
		if (env__value(envp[n], preload_var))
			len = strlen(envp[n]);
	return (n + 3) * sizeof(char *) + sizeof(preload_var) + strlen(xr_agent.lib_path) +
	       len + 2 + sizeof(agent_var) + strlen(xr_agent.shm_path);
}

/* "LD_PRELOAD=ours" or "LD_PRELOAD=ours:theirs". Return: the end. */
static char *env__preload(char *to, const char *theirs)
{
	to = stpcpy(stpcpy(to, preload_var), xr_agent.lib_path);
	if (theirs && *theirs)
		to = stpcpy(stpcpy(to, ":"), theirs);
	return to + 1;
}

/* A copy of @envp in @room (env__room() bytes) with our variables. */
static strings env__build(strings envp, void *room)
{
	char **out = room, *text;
	const char *theirs = NULL;
	size_t i, n = 0, k = 0;

	while (envp && envp[n])
		n++;
	for (i = 0; i < n; i++) {
		const char *v = env__value(envp[i], preload_var);

		if (v)
			theirs = v;
		else if (!env__value(envp[i], agent_var))
			out[k++] = envp[i];
	}
	text = (char *)(out + n + 3);
	out[k++] = text;
	if (theirs && !strncmp(theirs, xr_agent.lib_path, strlen(xr_agent.lib_path)))
		text = stpcpy(stpcpy(text, preload_var), theirs) + 1;
	else
		text = env__preload(text, theirs);
	out[k++] = text;
	stpcpy(stpcpy(text, agent_var), xr_agent.shm_path);
	out[k] = NULL;
	return out;
}

/* Without them: for a program whose loader would complain about the agent. */
static strings env__strip(strings envp, void *room)
{
	char **out = room;
	size_t i, k = 0;

	for (i = 0; envp && envp[i]; i++)
		if (!env__value(envp[i], agent_var) &&
		    !(env__value(envp[i], preload_var) && strstr(envp[i], xr_agent.lib_path)))
			out[k++] = envp[i];
	out[k] = NULL;
	return out;
}

/* ---- what is about to run ---------------------------------------------------- */

/* The loader of this process: what we were linked for. */
static int own_interp(struct dl_phdr_info *info, size_t size, void *arg)
{
	unsigned int i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_INTERP)
			*(const char **)arg = (const char *)info->dlpi_addr +
					      info->dlpi_phdr[i].p_vaddr;
	return 1;	/* the first object is the program */
}

static enum xr_reason elf__reason(const uint8_t *head, size_t len)
{
	const char *own = NULL;
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	size_t i, at;

	memcpy(&eh, head, sizeof(eh));
	if (eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_machine != EM_X86_64)
		return XR_FOREIGN;
	dl_iterate_phdr(own_interp, &own);
	for (i = 0; i < eh.e_phnum; i++) {
		at = eh.e_phoff + i * sizeof(ph);
		if (at + sizeof(ph) > len)
			return XR_NOT_YET;
		memcpy(&ph, head + at, sizeof(ph));
		if (ph.p_type != PT_INTERP)
			continue;
		if (!own || ph.p_offset + ph.p_filesz > len || !ph.p_filesz)
			return XR_NOT_YET;
		return strncmp(own, (const char *)head + ph.p_offset, ph.p_filesz) ?
		       XR_FOREIGN : XR_NOT_YET;
	}
	return XR_STATIC;
}

/* XR_NOT_YET when the agent can be loaded, as far as one can see. */
static enum xr_reason exec__reason_fd(int fd)
{
	uint8_t head[2048];
	struct stat st;
	ssize_t n;

	if (fstat(fd, &st))
		return XR_NOT_YET;
	if (((st.st_mode & S_ISUID) && st.st_uid != getuid()) ||
	    ((st.st_mode & S_ISGID) && st.st_gid != getgid()))
		return XR_SETUID;
	n = pread(fd, head, sizeof(head), 0);
	if (n < (ssize_t)sizeof(Elf64_Ehdr) || memcmp(head, ELFMAG, SELFMAG))
		return XR_NOT_YET;
	return elf__reason(head, n);
}

static enum xr_reason exec__reason(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	enum xr_reason r;

	if (fd < 0)
		return XR_NOT_YET;
	r = exec__reason_fd(fd);
	close(fd);
	return r;
}

/* As execvp() searches. Return: @buf (PATH_MAX bytes) or @file. */
static const char *exec__search(const char *file, char *buf)
{
	const char *dir = getenv("PATH"), *end;

	if (strchr(file, '/'))
		return file;
	for (dir = dir ? dir : "/bin:/usr/bin"; ; dir = end + 1) {
		size_t len, flen = strlen(file);

		end = strchrnul(dir, ':');
		len = end - dir;
		if (len + flen + 2 < PATH_MAX) {
			memcpy(buf, dir, len);
			buf[len] = '/';
			memcpy(buf + len + !!len, file, flen + 1);
			if (!access(buf, X_OK))
				return buf;
		}
		if (!*end)
			return file;
	}
}

/* ---- before and after ----------------------------------------------------- */

struct exec_state {
	bool blocked, ignored;
	struct sigaction ours;
};

/* What the new program inherits is what the target has set, not what we have. */
static void exec__prepare(struct exec_state *s)
{
	struct thread *t = shm__thread();
	struct sigaction ign = { .sa_handler = SIG_IGN };
	sigset_t trap;

	s->blocked = t && t->trap_blocked;
	s->ignored = trap__ignored();
	sigemptyset(&trap);
	sigaddset(&trap, SIGTRAP);
	if (s->blocked)
		mask__real(SIG_BLOCK, &trap, NULL);
	if (s->ignored)
		trap__real_action(SIGTRAP, &ign, &s->ours);
}

static void exec__undo(const struct exec_state *s)
{
	int saved = errno;
	sigset_t trap;

	sigemptyset(&trap);
	sigaddset(&trap, SIGTRAP);
	if (s->ignored)
		trap__real_action(SIGTRAP, &s->ours, NULL);
	if (s->blocked)
		mask__real(SIG_UNBLOCK, &trap, NULL);
	errno = saved;
}

static void exec__failed(const struct exec_state *s)
{
	int saved = errno;

	exec__undo(s);
	proc__hello(getpid(), XR_SAMPLED, 0);
	errno = saved;
}

#define ENV_FOR(reason, envp) \
	((reason) == XR_FOREIGN ? env__strip(envp, alloca(env__room(envp))) : \
				  env__build(envp, alloca(env__room(envp))))

/* One of the four ways to exec, with its arguments but for the environment. */
struct exec_call {
	int (*real)(const struct exec_call *c, strings envp);
	int fd, flags;
	const char *path;
	strings argv;
};

static int call__execve(const struct exec_call *c, strings envp)
{
	return real_execve(c->path, c->argv, envp);
}

static int call__execvpe(const struct exec_call *c, strings envp)
{
	return real_execvpe(c->path, c->argv, envp);
}

static int call__fexecve(const struct exec_call *c, strings envp)
{
	return real_fexecve(c->fd, c->argv, envp);
}

static int call__execveat(const struct exec_call *c, strings envp)
{
	return real_execveat(c->fd, c->path, c->argv, envp, c->flags);
}

/* On the stack alone: in a child of vfork() all other memory is the parent's. */
static int exec__run(const struct exec_call *c, enum xr_reason why, strings envp)
{
	struct exec_state s;

	exec__prepare(&s);
	proc__hello(getpid(), why, 0);
	c->real(c, ENV_FOR(why, envp));
	exec__failed(&s);
	return -1;
}

XR_EXPORT int execve(const char *path, strings argv, strings envp)
{
	const struct exec_call c = { .real = call__execve, .path = path, .argv = argv };

	exec__init();
	return xr_agent.on ? exec__run(&c, exec__reason(path), envp) : c.real(&c, envp);
}

XR_EXPORT int execvpe(const char *file, strings argv, strings envp)
{
	const struct exec_call c = { .real = call__execvpe, .path = file, .argv = argv };
	char buf[PATH_MAX];

	exec__init();
	return xr_agent.on ? exec__run(&c, exec__reason(exec__search(file, buf)), envp) : c.real(&c, envp);
}

XR_EXPORT int execv(const char *path, strings argv)
{
	return execve(path, argv, environ);
}

XR_EXPORT int execvp(const char *file, strings argv)
{
	return execvpe(file, argv, environ);
}

XR_EXPORT int fexecve(int fd, strings argv, strings envp)
{
	const struct exec_call c = { .real = call__fexecve, .fd = fd, .argv = argv };

	exec__init();
	return xr_agent.on ? exec__run(&c, exec__reason_fd(fd), envp) : c.real(&c, envp);
}

XR_EXPORT int execveat(int dir, const char *path, strings argv, strings envp, int flags)
{
	const struct exec_call c = { .real = call__execveat, .fd = dir, .path = path, .argv = argv, .flags = flags };

	exec__init();
	return xr_agent.on ? exec__run(&c, XR_NOT_YET, envp) : c.real(&c, envp);
}

/* ---- the variadic ones --------------------------------------------------------- */

static size_t args__count(va_list ap)
{
	size_t n = 1;

	while (va_arg(ap, char *))
		n++;
	return n;
}

/* argv from a list of arguments that ends with NULL. */
#define ARGS_COLLECT(argv, first, ap)						\
	do {									\
		va_list count_;							\
		size_t n_, i_;							\
		va_copy(count_, ap);						\
		n_ = args__count(count_);					\
		va_end(count_);							\
		(argv) = alloca((n_ + 1) * sizeof(char *));			\
		(argv)[0] = (char *)(first);					\
		for (i_ = 1; i_ <= n_; i_++)					\
			(argv)[i_] = va_arg(ap, char *);			\
	} while (0)

XR_EXPORT int execl(const char *path, const char *arg, ...)
{
	char **argv;
	va_list ap;

	va_start(ap, arg);
	ARGS_COLLECT(argv, arg, ap);
	va_end(ap);
	return execve(path, argv, environ);
}

XR_EXPORT int execlp(const char *file, const char *arg, ...)
{
	char **argv;
	va_list ap;

	va_start(ap, arg);
	ARGS_COLLECT(argv, arg, ap);
	va_end(ap);
	return execvpe(file, argv, environ);
}

XR_EXPORT int execle(const char *path, const char *arg, ...)
{
	char **argv, **envp;
	va_list ap;

	va_start(ap, arg);
	ARGS_COLLECT(argv, arg, ap);
	envp = va_arg(ap, char **);
	va_end(ap);
	return execve(path, argv, envp);
}

/* ---- spawn ------------------------------------------------------------------------ */

static int spawn__done(const struct exec_state *s, int ret, pid_t pid, enum xr_reason why)
{
	exec__undo(s);
	if (!ret && why != XR_NOT_YET)
		proc__hello(pid, why, 0);
	return ret;
}

XR_EXPORT int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *fa,
			  const posix_spawnattr_t *attr, strings argv, strings envp)
{
	struct exec_state s;
	enum xr_reason why;
	pid_t child;
	int ret;

	exec__init();
	if (!xr_agent.on)
		return real_posix_spawn(pid, path, fa, attr, argv, envp);
	why = exec__reason(path);
	exec__prepare(&s);
	ret = real_posix_spawn(&child, path, fa, attr, argv, ENV_FOR(why, envp));
	if (!ret && pid)
		*pid = child;
	return spawn__done(&s, ret, child, why);
}

XR_EXPORT int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *fa,
			   const posix_spawnattr_t *attr, strings argv, strings envp)
{
	char buf[PATH_MAX];
	struct exec_state s;
	enum xr_reason why;
	pid_t child;
	int ret;

	exec__init();
	if (!xr_agent.on)
		return real_posix_spawnp(pid, file, fa, attr, argv, envp);
	why = exec__reason(exec__search(file, buf));
	exec__prepare(&s);
	ret = real_posix_spawnp(&child, file, fa, attr, argv, ENV_FOR(why, envp));
	if (!ret && pid)
		*pid = child;
	return spawn__done(&s, ret, child, why);
}
