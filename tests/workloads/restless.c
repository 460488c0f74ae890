/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * restless ROUNDS [CALL...]: a thread for each system call that can sleep, which
 * computes for about a period of the recorder's and then sleeps in it, ROUNDS
 * times. Each call's line says how often it ended otherwise than it should: early,
 * with EINTR, or with fewer bytes. Undisturbed that is 0. The line "ready" comes
 * first.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ipc.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { SLEEP_MS = 2, BIG = 1 << 18 };

static int rounds;

static double now_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * 1e3 + ts.tv_nsec / 1e6;
}

/* Between half a period at 1000 Hz and one and a half. */
static void compute(unsigned int *seed)
{
	volatile double sum = 0;
	int i;
	double end = now_ms(CLOCK_THREAD_CPUTIME_ID) + 0.5 + rand_r(seed) % 1000 / 1e3;

	while (now_ms(CLOCK_THREAD_CPUTIME_ID) < end)
		for (i = 0; i < 20000; i++)
			sum += i * 0.5;
}

static const struct timespec nap = { .tv_nsec = SLEEP_MS * 1000000 };

/* Each call: 0 as it should be. Those with a timeout must not end before it. */
static int call_nanosleep(int fd)
{
	(void)fd;
	return nanosleep(&nap, NULL);
}

static int call_futex(int fd)
{
	static int word;

	(void)fd;
	return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &nap, NULL, 0) != -1 || errno != ETIMEDOUT;
}

static int call_poll(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, SLEEP_MS);
}

static int call_select(int fd)
{
	struct timeval tv = { .tv_usec = SLEEP_MS * 1000 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(fd, &set);
	return select(fd + 1, &set, NULL, NULL, &tv);
}

static int call_epoll_wait(int fd)
{
	struct epoll_event ev;
	static __thread int ep;

	if (!ep) {
		ep = epoll_create1(EPOLL_CLOEXEC);
		ev = (struct epoll_event){ .events = EPOLLIN };
		epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev);
	}
	return epoll_wait(ep, &ev, 1, SLEEP_MS);
}

static int call_sigtimedwait(int fd)
{
	sigset_t set;

	(void)fd;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	return sigtimedwait(&set, NULL, &nap) != -1 || errno != EAGAIN;
}

static int call_semtimedop(int fd)
{
	static int id = -1;
	struct sembuf op = { .sem_op = -1 };

	(void)fd;
	if (id < 0) {
		id = semget(IPC_PRIVATE, 1, 0600);
		if (id < 0)
			return 0;	/* none in this container */
	}
	return semtimedop(id, &op, 1, &nap) != -1 || errno != EAGAIN;
}

/* A socket with a time limit gives EINTR for any wake-up. */
static int call_recv(int fd)
{
	struct timeval tv = { .tv_usec = SLEEP_MS * 1000 };
	static __thread int pair[2];
	char c;

	(void)fd;
	if (!pair[0] && (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ||
			 setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv))))
		return 1;
	return recv(pair[0], &c, 1, 0) != -1 || errno != EAGAIN;
}

/* ---- calls that somebody else ends ----------------------------------------------- */

struct peer {
	int ask, answer;		/* eventfd; what the peer acts on */
	void (*act)(int fd);
};

static void *peer__run(void *arg)
{
	struct peer *p = arg;
	eventfd_t v;

	while (!eventfd_read(p->ask, &v)) {
		nanosleep(&nap, NULL);
		p->act(p->answer);
	}
	return NULL;
}

static struct peer *peer__new(int answer, void (*act)(int fd))
{
	struct peer *p = calloc(1, sizeof(*p));
	pthread_t id;

	*p = (struct peer){ .ask = eventfd(0, EFD_CLOEXEC), .answer = answer, .act = act };
	pthread_create(&id, NULL, peer__run, p);
	return p;
}

static void act_write(int fd)
{
	if (write(fd, "x", 1) != 1)
		abort();
}

static int call_read(int fd)
{
	static __thread struct peer *p;
	static __thread int ends[2];
	char c;

	(void)fd;
	if (!p && !pipe2(ends, O_CLOEXEC))
		p = peer__new(ends[1], act_write);
	eventfd_write(p->ask, 1);
	return read(ends[0], &c, 1) != 1;
}

static void act_drain(int fd)
{
	static char buf[BIG];
	int left = BIG;

	while (left > 0)
		left -= read(fd, buf, left);
}

/* More than the pipe holds: a stop in the middle would make it short. */
static int call_write(int fd)
{
	static __thread struct peer *p;
	static __thread int ends[2];
	static char buf[BIG];

	(void)fd;
	if (!p && !pipe2(ends, O_CLOEXEC))
		p = peer__new(ends[0], act_drain);
	eventfd_write(p->ask, 1);
	return write(ends[1], buf, BIG) != BIG;
}

static struct sockaddr_in listener;

static void act_connect(int fd)
{
	int s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)fd;
	connect(s, (struct sockaddr *)&listener, sizeof(listener));
	close(s);
}

static int call_accept(int fd)
{
	static __thread struct peer *p;
	static __thread int s;
	socklen_t len = sizeof(listener);
	int c;

	(void)fd;
	if (!p) {
		listener = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		s = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (bind(s, (struct sockaddr *)&listener, sizeof(listener)) || listen(s, 4) ||
		    getsockname(s, (struct sockaddr *)&listener, &len))
			return 1;
		p = peer__new(0, act_connect);
	}
	eventfd_write(p->ask, 1);
	c = accept(s, NULL, NULL);
	if (c >= 0)
		close(c);
	return c < 0;
}

/* ---- all of them -------------------------------------------------------------------- */

static struct call {
	const char *name;
	int (*fn)(int fd);
	bool timed;
	int bad, early, error;
	pthread_t id;
} calls[] = {
	{ .name = "nanosleep", .fn = call_nanosleep, .timed = true },
	{ .name = "futex", .fn = call_futex, .timed = true },
	{ .name = "poll", .fn = call_poll, .timed = true },
	{ .name = "select", .fn = call_select, .timed = true },
	{ .name = "epoll_wait", .fn = call_epoll_wait, .timed = true },
	{ .name = "sigtimedwait", .fn = call_sigtimedwait, .timed = true },
	{ .name = "semtimedop", .fn = call_semtimedop, .timed = true },
	{ .name = "recv", .fn = call_recv },
	{ .name = "read", .fn = call_read },
	{ .name = "write", .fn = call_write },
	{ .name = "accept", .fn = call_accept },
};

static void *call__run(void *arg)
{
	struct call *c = arg;
	unsigned int seed = c - calls + 1;
	int i, fd = eventfd(0, EFD_CLOEXEC);

	for (i = 0; i < rounds; i++) {
		double start;
		int bad;

		compute(&seed);
		start = now_ms(CLOCK_MONOTONIC);
		errno = 0;
		bad = c->fn(fd);
		if (bad)
			c->error = errno;
		c->bad += !!bad;
		c->early += c->timed && !bad && now_ms(CLOCK_MONOTONIC) - start < SLEEP_MS - 0.1;
	}
	return NULL;
}

static bool wanted(const char *name, char **list)
{
	int i;

	for (i = 0; list[i]; i++)
		if (!strcmp(list[i], name))
			return true;
	return !list[0];
}

int main(int argc, char **argv)
{
	size_t i, n = sizeof(calls) / sizeof(calls[0]);

	rounds = argc > 1 ? atoi(argv[1]) : 50;
	argv += argc > 1 ? 2 : 1;
	puts("ready");
	fflush(stdout);
	for (i = 0; i < n; i++)
		if (wanted(calls[i].name, argv))
			pthread_create(&calls[i].id, NULL, call__run, &calls[i]);
	for (i = 0; i < n; i++) {
		struct call *c = &calls[i];

		if (!wanted(c->name, argv))
			continue;
		pthread_join(c->id, NULL);
		printf("%s: %d bad, %d early", c->name, c->bad, c->early);
		printf(c->bad ? " (%s)\n" : "\n", strerror(c->error));
	}
	return 0;
}
