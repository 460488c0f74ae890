/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * parked MODE [ARGS]: programs that hold known values in their vector
 * registers while they use CPU time, in situations that a recorder must not
 * disturb. What each prints is the same with and without a recorder.
 *
 * While parked, r15 is 0x7061726b00000000 + seed, byte j of vector register i
 * is (seed * 37 + i * 11 + j * 3 + 1) & 0xff, k1..k7 hold the first 8 bytes of
 * that row of registers 33..39 cut to 16 bits on CPUs without AVX512BW, MXCSR
 * is 0x9fc0 + (seed & 1) * 0x2000.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <immintrin.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

/* ---- parking ----------------------------------------------------------- */

struct parked {
	uint8_t v[40][64];
	uint32_t mxcsr;
};

static void parked__fill(struct parked *p, unsigned int seed)
{
	unsigned int i, j;

	for (i = 0; i < 40; i++)
		for (j = 0; j < 64; j++)
			p->v[i][j] = seed * 37 + i * 11 + j * 3 + 1;
	p->mxcsr = 0x9fc0 + (seed & 1) * 0x2000;
}

/* (table, &mxcsr, iterations, marker) */
void park128(const void *v, const uint32_t *mxcsr, uint64_t n, uint64_t marker);
void park256(const void *v, const uint32_t *mxcsr, uint64_t n, uint64_t marker);
void park512(const void *v, const uint32_t *mxcsr, uint64_t n, uint64_t marker);

#define PARK(name, load, regs, masks)					\
	__asm__(".text\n.globl " name "\n.type " name ", @function\n"	\
		name ":\n\tpush %r15\n\tpush %rbx\n\tsub $8, %rsp\n"	\
		"\tstmxcsr (%rsp)\n"					\
		".set i, 0\n.rept " regs "\n\t" load "\n.set i, i + 1\n.endr\n" \
		masks "\tldmxcsr (%rsi)\n\tmov %rcx, %r15\n"		\
		"1:\tdec %rdx\n\tjnz 1b\n\txor %r15d, %r15d\n"	\
		"\tldmxcsr (%rsp)\n\tadd $8, %rsp\n\tpop %rbx\n\tpop %r15\n\tret\n" \
		".size " name ", . - " name "\n")

__asm__(".altmacro\n.macro ld op reg n\n\\op \\n*64(%rdi), %\\reg\\()\\n\n.endm\n");
PARK("park128", "ld movdqu xmm %i", "16", "");
PARK("park256", "ld vmovdqu ymm %i", "16", "");
PARK("park512", "ld vmovdqu64 zmm %i", "32",
     "\tkmovw 33*64(%rdi), %k1\n\tkmovw 34*64(%rdi), %k2\n\tkmovw 35*64(%rdi), %k3\n"
     "\tkmovw 36*64(%rdi), %k4\n\tkmovw 37*64(%rdi), %k5\n\tkmovw 38*64(%rdi), %k6\n"
     "\tkmovw 39*64(%rdi), %k7\n");

static double cpu_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

/* Hold the values of @seed for @ms of CPU time. */
static void park(unsigned int seed, double ms)
{
	struct parked p;
	double end = cpu_ms() + ms;
	uint64_t marker = 0x7061726b00000000 + seed, n = ms > 1000 ? 200000000 : 4000000;

	parked__fill(&p, seed);
	while (cpu_ms() < end) {
		if (__builtin_cpu_supports("avx512f"))
			park512(p.v, &p.mxcsr, n, marker);
		else if (__builtin_cpu_supports("avx"))
			park256(p.v, &p.mxcsr, n, marker);
		else
			park128(p.v, &p.mxcsr, n, marker);
	}
}

/* ---- modes --------------------------------------------------------------- */

static double arg_ms(char **argv, int i)
{
	return argv[i] ? atof(argv[i]) : 50;
}

/* spin MS SEED */
static int mode_spin(char **argv)
{
	park(argv[0] && argv[1] ? atoi(argv[1]) : 1, arg_ms(argv, 0));
	return 0;
}

struct job {
	unsigned int seed;
	double ms;
};

static void *job__run(void *arg)
{
	struct job *j = arg;

	park(j->seed, j->ms);
	return NULL;
}

static int run_threads(int n, double ms, const pthread_attr_t *attr)
{
	pthread_t id[64];
	struct job job[64];
	int i;

	for (i = 0; i < n && i < 64; i++) {
		job[i] = (struct job){ i + 1, ms };
		errno = pthread_create(&id[i], attr, job__run, &job[i]);
		if (errno) {
			perror("pthread_create");
			return 1;
		}
	}
	while (i--)
		pthread_join(id[i], NULL);
	puts("joined");
	return 0;
}

/* threads MS N: seeds 1..N */
static int mode_threads(char **argv)
{
	return run_threads(argv[0] && argv[1] ? atoi(argv[1]) : 4, arg_ms(argv, 0), NULL);
}

/* minstack MS N: in threads of PTHREAD_STACK_MIN */
static int mode_minstack(char **argv)
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, sysconf(_SC_THREAD_STACK_MIN));
	return run_threads(argv[0] && argv[1] ? atoi(argv[1]) : 4, arg_ms(argv, 0), &attr);
}

/* churn MS N: N threads one after the other, one in four by pthread_exit() */
static void *churn__run(void *arg)
{
	park(1, 1);
	if ((uintptr_t)arg % 4 == 0)
		pthread_exit(arg);
	return arg;
}

static int mode_churn(char **argv)
{
	uintptr_t i, n = argv[0] && argv[1] ? atoi(argv[1]) : 40, sum = 0;
	pthread_t id;
	void *ret;

	for (i = 0; i < n; i++) {
		if (pthread_create(&id, NULL, churn__run, (void *)i) || pthread_join(id, &ret))
			return 1;
		sum += (uintptr_t)ret;
	}
	printf("%lu\n", (unsigned long)sum);
	return 0;
}

static int wait_for(pid_t pid)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 1;
	printf("child %d\n", WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}

/* fork MS: seed 1 before, 3 in the parent and 2 in the child after */
static int mode_fork(char **argv)
{
	double ms = arg_ms(argv, 0);
	pid_t pid;

	park(1, ms);
	pid = fork();
	if (!pid) {
		park(2, ms);
		_exit(5);
	}
	park(3, ms);
	return wait_for(pid);
}

static char *self_spin[] = { "parked", "spin", "50", "2", NULL };

/* exec MS: seed 1, then seed 2 in a program with an empty environment */
static int mode_exec(char **argv)
{
	char *empty[] = { NULL };

	park(1, arg_ms(argv, 0));
	execve("/proc/self/exe", self_spin, empty);
	return 1;
}

static int mode_execl(char **argv)
{
	park(1, arg_ms(argv, 0));
	execl("/proc/self/exe", "parked", "spin", "50", "2", NULL);
	return 1;
}

static int mode_spawn(char **argv)
{
	char *empty[] = { NULL };
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	pid_t pid;

	(void)argv;
	path[n > 0 ? n : 0] = '\0';
	if (posix_spawn(&pid, path, NULL, NULL, self_spin, empty))
		return 1;
	return wait_for(pid);
}

static int mode_vfork(char **argv)
{
	char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	pid_t pid;

	(void)argv;
	path[n > 0 ? n : 0] = '\0';
	pid = vfork();
	if (!pid) {
		execv(path, self_spin);
		_exit(127);
	}
	return wait_for(pid);
}

/* ---- SIGTRAP is the target's too -------------------------------------------- */

static volatile int traps, last_code;

static void on_trap(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	traps++;
	last_code = si->si_code;
}

static void trap_install(int flags)
{
	struct sigaction sa = { .sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | flags };

	sigaction(SIGTRAP, &sa, NULL);
}

/* trap MS: its own handler sees its own signals, and no other */
static int mode_trap(char **argv)
{
	struct sigaction now;
	int i, code;

	trap_install(0);
	for (i = 0; i < 10; i++) {
		park(1, arg_ms(argv, 0) / 10);
		raise(SIGTRAP);
	}
	code = last_code;
	__asm__ volatile("int3");
	sigaction(SIGTRAP, NULL, &now);
	printf("traps %d, tkill %d, int3 %d, own handler %d\n", traps, code == SI_TKILL,
	       last_code == SI_KERNEL, now.sa_sigaction == on_trap && (now.sa_flags & SA_SIGINFO));
	return 0;
}

/* held MS: blocked, a SIGTRAP waits until it is unblocked */
static int mode_held(char **argv)
{
	sigset_t trap, old;
	int before;

	trap_install(0);
	sigemptyset(&trap);
	sigaddset(&trap, SIGTRAP);
	sigprocmask(SIG_BLOCK, &trap, NULL);
	sigprocmask(SIG_BLOCK, NULL, &old);
	raise(SIGTRAP);
	park(1, arg_ms(argv, 0));
	before = traps;
	sigprocmask(SIG_UNBLOCK, &trap, NULL);
	printf("blocked %d, before %d, after %d\n", sigismember(&old, SIGTRAP), before, traps);
	return 0;
}

static int mode_trapreset(char **argv)
{
	struct sigaction now;

	trap_install(SA_RESETHAND);
	park(1, arg_ms(argv, 0));
	raise(SIGTRAP);
	sigaction(SIGTRAP, NULL, &now);
	printf("traps %d, default again %d\n", traps, now.sa_handler == SIG_DFL);
	fflush(stdout);
	raise(SIGTRAP);
	puts("not reached");
	return 0;
}

static int mode_trapdie(char **argv)
{
	park(1, arg_ms(argv, 0));
	__asm__ volatile("int3");
	puts("not reached");
	return 0;
}

static int mode_trapignore(char **argv)
{
	signal(SIGTRAP, SIG_IGN);
	park(1, arg_ms(argv, 0));
	raise(SIGTRAP);
	printf("was ignored %d\n", signal(SIGTRAP, SIG_DFL) == SIG_IGN);
	return 0;
}

/* ---- masks, stacks ------------------------------------------------------------- */

static void *blocked__run(void *arg)
{
	sigset_t all, now;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	park(1, *(double *)arg);
	pthread_sigmask(SIG_BLOCK, NULL, &now);
	printf("trap blocked %d, usr1 blocked %d\n", sigismember(&now, SIGTRAP), sigismember(&now, SIGUSR1));
	return NULL;
}

/* blocked MS: all signals blocked, as worker threads of xz or libuv have it */
static int mode_blocked(char **argv)
{
	double ms = arg_ms(argv, 0);
	pthread_t id;

	return pthread_create(&id, NULL, blocked__run, &ms) || pthread_join(id, NULL);
}

/* rawblocked MS: SIGTRAP blocked by system call, where no library sees it */
static int mode_rawblocked(char **argv)
{
	uint64_t all = ~UINT64_C(0);

	syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof(all));
	park(1, arg_ms(argv, 0));
	return 0;
}

/* rawunblock MS: the same ten times over; the signal comes with the unblocking */
static int mode_rawunblock(char **argv)
{
	uint64_t all = ~UINT64_C(0), none = 0;
	int i;

	for (i = 0; i < 10; i++) {
		syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, sizeof(all));
		park(1, arg_ms(argv, 0) / 10);
		syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof(none));
	}
	return 0;
}

static volatile uintptr_t handler_sp;

static void on_usr1(int sig)
{
	int here;

	(void)sig;
	handler_sp = (uintptr_t)&here;
	park(2, 20);
}

/* altstack MS SIZE: an alternate stack, perhaps too small for a signal frame */
static int mode_altstack(char **argv)
{
	size_t size = argv[0] && argv[1] ? (size_t)atol(argv[1]) : 2048;
	struct sigaction sa = { .sa_handler = on_usr1, .sa_flags = SA_ONSTACK };
	stack_t ss = { .ss_sp = malloc(size), .ss_size = size }, now;
	int main_here;

	if (sigaltstack(&ss, NULL)) {
		perror("sigaltstack");
		return 1;
	}
	sigaltstack(NULL, &now);
	sigaction(SIGUSR1, &sa, NULL);
	park(1, arg_ms(argv, 0));
	if (size > 8192)
		raise(SIGUSR1);
	printf("same stack %d, size %zu, flags %d\n", now.ss_sp == ss.ss_sp, now.ss_size, now.ss_flags);
	if (size > 8192)
		printf("on it %d\n", handler_sp - (uintptr_t)ss.ss_sp < size);
	ss.ss_flags = SS_DISABLE;
	sigaltstack(&ss, NULL);
	sigaltstack(NULL, &now);
	printf("disabled %d\n", now.ss_flags == SS_DISABLE);
	(void)main_here;
	return 0;
}

static int mode_noaltstack(char **argv)
{
	stack_t now;

	park(1, arg_ms(argv, 0));
	sigaltstack(NULL, &now);
	printf("none %d\n", now.ss_flags == SS_DISABLE && !now.ss_sp);
	return 0;
}

/* ---- system calls and descriptors ------------------------------------------------ */

/* eintr MS: no call is interrupted, however much CPU time the thread uses */
static int mode_eintr(char **argv)
{
	double end = cpu_ms() + arg_ms(argv, 0);
	int fd[2], eintr = 0;
	char c;

	if (pipe(fd))
		return 1;
	while (cpu_ms() < end) {
		struct pollfd p = { .fd = fd[0], .events = POLLIN };
		struct timespec ts = { .tv_nsec = 200000 };
		int i;

		for (i = 0; i < 200; i++)
			getppid();
		eintr += poll(&p, 1, 1) < 0;
		eintr += nanosleep(&ts, NULL) < 0;
		if (write(fd[1], "x", 1) != 1 || read(fd[0], &c, 1) != 1)
			eintr++;
		park(1, 0.2);
	}
	printf("interrupted %d\n", eintr);
	return 0;
}

/* fds MS: nothing is open that the program did not open; then close all */
static int mode_fds(char **argv)
{
	int fd, open_fds = 0;

	park(1, arg_ms(argv, 0));
	for (fd = 3; fd < 4096; fd++)
		open_fds += fcntl(fd, F_GETFD) >= 0;
	syscall(SYS_close_range, 3, ~0u, 0);
	park(2, arg_ms(argv, 0));
	printf("open %d\n", open_fds);
	return 0;
}

/* ---- threads that no library knows -------------------------------------------------- */

static int raw__run(void *arg)
{
	(void)arg;
	park512(((struct parked *)arg)->v, &((struct parked *)arg)->mxcsr, 40000000,
		0x7061726b00000000 + 9);
	syscall(SYS_exit, 0);
	return 0;
}

/* rawclone: a thread by clone(), without TLS of its own; seed 9 */
static int mode_rawclone(char **argv)
{
	static struct parked p;
	static volatile pid_t tid = 1;
	char *stack = malloc(256 * 1024);

	(void)argv;
	if (!__builtin_cpu_supports("avx512f")) {
		puts("cloned");
		return 0;
	}
	parked__fill(&p, 9);
	clone(raw__run, stack + 256 * 1024, CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND |
	      CLONE_THREAD | CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID, &p,
	      (pid_t *)&tid, NULL, (pid_t *)&tid);
	while (tid)
		sched_yield();
	puts("cloned");
	return 0;
}

static int mode_killed(char **argv)
{
	park(1, arg_ms(argv, 0));
	kill(getpid(), argv[0] && argv[1] ? atoi(argv[1]) : SIGKILL);
	return 0;
}

static int mode_exit(char **argv)
{
	park(1, arg_ms(argv, 0));
	return argv[0] && argv[1] ? atoi(argv[1]) : 0;
}

static const struct {
	const char *name;
	int (*run)(char **argv);
} modes[] = {
	{ "spin", mode_spin }, { "threads", mode_threads }, { "minstack", mode_minstack },
	{ "churn", mode_churn }, { "fork", mode_fork }, { "exec", mode_exec },
	{ "execl", mode_execl }, { "spawn", mode_spawn }, { "vfork", mode_vfork },
	{ "trap", mode_trap }, { "held", mode_held }, { "trapreset", mode_trapreset },
	{ "trapdie", mode_trapdie }, { "trapignore", mode_trapignore },
	{ "blocked", mode_blocked }, { "rawblocked", mode_rawblocked },
	{ "rawunblock", mode_rawunblock },
	{ "altstack", mode_altstack }, { "noaltstack", mode_noaltstack },
	{ "eintr", mode_eintr }, { "fds", mode_fds }, { "rawclone", mode_rawclone },
	{ "killed", mode_killed }, { "exit", mode_exit },
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (!strcmp(argv[1], modes[i].name))
			return modes[i].run(argv + 2);
	fputs("usage: parked MODE [MS] [ARG]\n", stderr);
	return 2;
}
