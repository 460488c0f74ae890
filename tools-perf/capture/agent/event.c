/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"

/*
 * Hand the event to the recorder, which from then on holds it: nothing that
 * the target does to its descriptors can close it, and none is left here. A
 * file stays valid as long as one descriptor refers to it (unix(7), SCM_RIGHTS).
 */
static int event__hand_over(int fd, unsigned int event)
{
	struct xr_hello hello = { .magic = XR_SHM_MAGIC, .pid = xr_agent.pid, .event = event };
	struct iovec iov = { .iov_base = &hello, .iov_len = sizeof(hello) };
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	size_t len = strlen(xr_agent.shm->socket);
	struct msghdr msg = {
		.msg_name = &addr,
		.msg_namelen = offsetof(struct sockaddr_un, sun_path) + 1 + len,
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct timeval patience = { .tv_sec = 2 };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ssize_t n;

	if (s < 0)
		return -1;
	*c = (struct cmsghdr){ .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS,
			       .cmsg_len = CMSG_LEN(sizeof(int)) };
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	memcpy(addr.sun_path + 1, xr_agent.shm->socket, len);
	setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	n = sendmsg(s, &msg, MSG_NOSIGNAL);
	close(s);
	return n == sizeof(hello) ? 0 : -1;
}

/* Where the recorder cannot be reached (another network namespace) the event
 * stays here, out of the way of programs that count on low numbers. */
static void event__keep(int fd)
{
	struct rlimit rl;
	int high = 900;

	if (!getrlimit(RLIMIT_NOFILE, &rl) && rl.rlim_cur < 1000)
		high = rl.rlim_cur > 100 ? rl.rlim_cur - 50 : 0;
	if (fcntl(fd, F_DUPFD_CLOEXEC, high) >= 0)
		close(fd);
}

struct object_search {
	const struct xr_event *event;
	bool found;
	uint64_t base;
};

static int object__is(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct object_search *o = arg;
	/* the first object is the program, which has no name here */
	const char *name = *info->dlpi_name ? info->dlpi_name : "/proc/self/exe";
	struct stat st;

	(void)size;
	if (stat(name, &st) || st.st_dev != o->event->dev || st.st_ino != o->event->ino)
		return 0;
	o->found = true;
	o->base = info->dlpi_addr;
	return 1;
}

/* Where a breakpoint's symbol is in this process. Return: false: its object is not loaded. */
static bool event__place(const struct xr_event *ev, struct perf_event_attr *attr)
{
	struct object_search o = { .event = ev };

	if (ev->flags & XR_EVENT_UPROBE)
		attr->config1 = (uintptr_t)ev->path;	/* uprobe_path */
	if (!(ev->flags & XR_EVENT_MOVES))
		return true;
	dl_iterate_phdr(object__is, &o);
	attr->bp_addr = o.base + ev->address;
	return o.found;
}

static int event__open(unsigned int i)
{
	struct perf_event_attr attr = xr_agent.shm->events[i].attr;
	int fd;

	if (!event__place(&xr_agent.shm->events[i], &attr))
		return 0;
	fd = syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd < 0)
		return -1;
	if (event__hand_over(fd, i))
		event__keep(fd);
	else
		close(fd);
	return 0;
}

/*
 * A timer of this thread's CPU time that signals this thread. The kernel looks
 * at CPU timers in its tick, so that CONFIG_HZ bounds the rate; what expired in
 * between comes as overrun.
 */
static int timer__create(struct thread *t)
{
	const struct xr_shm *shm = xr_agent.shm;
	struct sigevent sev = {
		.sigev_notify = SIGEV_THREAD_ID,
		.sigev_signo = SIGTRAP,
		.sigev_value = { .sival_ptr = (void *)shm->cookie },
	};
	struct timespec ts = {
		.tv_sec = shm->period / 1000000000,
		.tv_nsec = shm->period % 1000000000,
	};
	struct itimerspec its = { .it_interval = ts, .it_value = ts };
	int id = 0;
	long ret;

	sev._sigev_un._tid = xr_gettid();
	ret = xr_syscall(SYS_timer_create, CLOCK_THREAD_CPUTIME_ID, (long)&sev, (long)&id, 0, 0);
	if (!ret)
		ret = xr_syscall(SYS_timer_settime, id, 0, (long)&its, 0, 0);
	if (ret)
		return ret;
	t->timer = id + 1;
	return 0;
}

static void event__open_all(void)
{
	int error = 0;
	unsigned int i;

	for (i = 0; i < xr_agent.shm->nr_events; i++)
		if (event__open(i))
			error = errno;
	proc__hello(xr_agent.pid, error ? XR_EVENT : XR_SAMPLED, error);
	xr_agent.started = shm__now();
	/* All that this thread opened, at the end: what is above would be hits, too. */
	prctl(PR_TASK_PERF_EVENTS_ENABLE, 0, 0, 0, 0);
}

void event__start_process(void)
{
	struct thread *t;
	int ret;

	if (xr_agent.shm->mode == XR_MODE_SIGTRAP) {
		event__open_all();
		return;
	}
	t = shm__thread();
	ret = t ? timer__create(t) : -EAGAIN;
	proc__hello(xr_agent.pid, ret ? XR_TIMER : XR_SAMPLED, -ret);
	shm__send_maps();
}

void event__start_thread(void)
{
	struct thread *t;

	/* The perf event is inherited: attr.inherit_thread. */
	if (xr_agent.shm->mode != XR_MODE_TIMER || xr_agent.shm->stopped)
		return;
	t = shm__thread();
	if (t && !t->timer)
		timer__create(t);
}

void event__stop_thread(struct thread *t)
{
	if (t->timer)
		xr_syscall(SYS_timer_delete, t->timer - 1, 0, 0, 0, 0);
	t->timer = 0;
}
