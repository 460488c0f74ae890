/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Backends sigtrap and timer: the recorder's side of the agents. It owns the
 * shared memory, takes the events that the agents open, and empties the rings.
 */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "capture/khits.h"

enum {
	ROUND_MS	= 50,		/* at the most between two looks at the rings */
	ROUND_LAG_NS	= 2000000,	/* side-band records that are being written */
	REAP_NS		= 1000000000,
	DEBUG_REGISTERS	= 4,		/* DR0 to DR3 [SDM vol. 3, 18.2.1] */
};

struct held_event {
	int fd;
	uint32_t pid, event;
};

struct agent_host {
	int memfd, socket;
	struct xr_shm *shm;
	size_t size;
	uint64_t idle_at[XR_SLOTS];	/* when a slot was last seen without a writer */
	uint32_t generation[XR_PROCS];
	struct held_event *held;
	size_t nr_held, held_room;
	uint64_t reaped, cutoff;
	uint64_t counted[XR_EVENTS];	/* by the events that were closed */
	int timeout;			/* of poll(), ms */
	bool accounted;			/* the session's counts have what the slots say */
};

/* ---- shared memory ------------------------------------------------------------ */

static void shm__event(const struct session *s, struct xr_shm *shm, unsigned int i)
{
	const struct event *ev = &s->events.ev[i];
	struct xr_event *x = &shm->events[i];
	struct stat st;

	event__attr(ev, s->periods[i], &x->attr);
	x->attr.sig_data = shm->cookie + i;
	x->period = s->periods[i];
	x->address = ev->address;
	x->stepped = ev->stepped;
	x->flags = (ev->moves && ev->kind == EVENT_BREAKPOINT ? XR_EVENT_MOVES : 0) |
		   (ev->kind == EVENT_UPROBE ? XR_EVENT_UPROBE : 0) |
		   (ev->retprobe ? XR_EVENT_RETURN : 0) |
		   (ev->kind == EVENT_UPROBE || ev->kind == EVENT_BREAKPOINT ? XR_EVENT_PLACE : 0);
	if (!ev->object)
		return;
	snprintf(x->path, sizeof(x->path), "%s", ev->object);
	if (!stat(ev->object, &st)) {
		x->dev = st.st_dev;
		x->ino = st.st_ino;
	}
}

static void shm__events(const struct session *s, struct xr_shm *shm)
{
	unsigned int i;

	for (i = 0; i < s->nr_attrs; i++)
		shm__event(s, shm, i);
	shm->nr_events = s->nr_attrs;
}

static void shm__fill(struct session *s, struct agent_host *h, enum xr_mode mode)
{
	struct xr_shm *shm = h->shm;
	bool fp = s->opt->callgraph == CALLGRAPH_FP;
	size_t chain = fp ? XR_MAX_CHAIN * sizeof(uint64_t) : 0;

	shm->magic = XR_SHM_MAGIC;
	shm->version = XR_SHM_VERSION;
	shm->size = h->size;
	shm->mode = mode;
	shm->flags = (fp ? XR_CALLCHAIN : 0) | (s->sideband ? 0 : XR_SEND_MAPS);
	shm->recorder = getpid();
	shm->period = s->interval;
	shm->requested = s->regs.xfeatures;
	shm->layout = s->info.layout;
	shm->max_record = sizeof(struct xr_sample) + chain + s->stack_size + session__block_size(s);
	shm->stack_size = s->stack_size;
	shm__events(s, shm);
}

static int host__map(struct agent_host *h, struct err *e)
{
	h->size = xr_ring_offset(XR_SLOTS);
	h->memfd = memfd_create("perf-xregs", MFD_CLOEXEC);
	if (h->memfd < 0 || fchmod(h->memfd, 0600) || ftruncate(h->memfd, h->size))
		return err__set(e, "cannot create shared memory for the agent: %s%s", strerror(errno),
				errno == EFBIG ? " (ulimit -f); --backend=ptrace needs none" : "");
	h->shm = mmap(NULL, h->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
		      h->memfd, 0);
	if (h->shm == MAP_FAILED) {
		h->shm = NULL;
		return err__set(e, "cannot map %zu MiB of shared memory for the agent: %s",
				h->size >> 20, strerror(errno));
	}
	if (getrandom(&h->shm->cookie, sizeof(h->shm->cookie), 0) != sizeof(h->shm->cookie))
		return err__set(e, "cannot make a cookie for the agent: %s", strerror(errno));
	h->shm->cookie &= ~UINT64_C(0xff);	/* the event's index goes there */
	return 0;
}

static int host__listen(struct agent_host *h, struct err *e)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int on = 1;
	int len;

	len = snprintf(h->shm->socket, sizeof(h->shm->socket), "perf-xregs-%d-%016llx",
		       getpid(), (unsigned long long)h->shm->cookie);
	memcpy(addr.sun_path + 1, h->shm->socket, len);
	h->socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (h->socket < 0 ||
	    bind(h->socket, (struct sockaddr *)&addr, offsetof(struct sockaddr_un, sun_path) + 1 + len) ||
	    setsockopt(h->socket, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)))
		return err__set(e, "cannot make a socket for the agent: %s", strerror(errno));
	return 0;
}

/* Half a ring at the requested rate, ROUND_MS at the most. */
static int host__timeout(const struct session *s, const struct agent_host *h)
{
	double ns = s->event->clock ? (double)s->period : 1e9 / (s->opt->freq ? s->opt->freq : 1000);
	/* nobody knows how often a place is hit: look as often as is sensible */
	double ms = session__has_hits(s) ? 1 : XR_RING_SIZE / 2.0 / h->shm->max_record * ns / 1e6;

	return ms >= ROUND_MS ? ROUND_MS : ms < 1 ? 1 : (int)ms;
}

/* ---- the target ------------------------------------------------------------------- */

/* LD_PRELOAD is a list that blanks and colons separate, without quoting: where
 * the agent's path has one, a descriptor of ours names the file. */
static int agent__without_separators(char *path, size_t size, struct err *e)
{
	int fd;

	if (!strpbrk(path, " :"))
		return 0;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err__set(e, "cannot open the agent '%s': %s", path, strerror(errno));
	snprintf(path, size, "/proc/%d/fd/%d", getpid(), fd);
	return 0;
}

static int host__spawn(struct session *s, struct agent_host *h, struct err *e)
{
	char agent[4096], preload[8192], path[64];
	const char *old = getenv("LD_PRELOAD");
	const char *const env[][2] = {
		{ "LD_PRELOAD", preload },
		{ XR_AGENT_ENV, path },
	};

	if (agent__path(agent, sizeof(agent), e) ||
	    agent__without_separators(agent, sizeof(agent), e))
		return -1;
	if ((size_t)snprintf(preload, sizeof(preload), "%s%s%s", agent, old && *old ? ":" : "",
			     old ? old : "") >= sizeof(preload))
		return err__set(e, "cannot load the agent: LD_PRELOAD is too long");
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), h->memfd);
	return target__spawn(&s->target, s->opt->argv, env, 2, e);
}

static int host__open(struct session *s, enum xr_mode mode, struct err *e)
{
	struct agent_host *h = calloc(1, sizeof(*h));

	if (!h)
		return err__set(e, "out of memory");
	s->priv = h;
	h->memfd = h->socket = -1;
	/* every process of the target has events here */
	target__raise_files(&s->target);
	if (mode == XR_MODE_SIGTRAP)
		hitfilter__expect_signals(s);
	if (host__map(h, e) || host__listen(h, e) || host__spawn(s, h, e))
		return -1;
	sideband__open(s, s->target.pid);
	if (mode == XR_MODE_SIGTRAP && khits__open(s, s->target.pid, e))
		return -1;
	shm__fill(s, h, mode);
	h->timeout = host__timeout(s, h);
	tasks__process(s->tasks, s->target.pid, capture__now());
	return 0;
}

/*
 * What delivering the signal does itself, or returning from it: each sample
 * would make the next one, without end.
 */
static bool tracepoint__is_own(const char *name)
{
	static const char *const own[] = {
		"signal:*", "raw_syscalls:*", "syscalls:sys_enter_rt_sigreturn*", "syscalls:sys_exit_rt_sigreturn*",
	};
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (!fnmatch(own[i], name, 0))
			return true;
	return false;
}

/* What neither the kernel nor the events' parser can know to be wrong. */
static int sigtrap__events(struct session *s, struct err *e)
{
	unsigned int i, breakpoints = 0;

	if (s->nr_attrs > XR_EVENTS)
		return err__usage(e, "cannot record %u events by sigtrap: %d at the most", s->nr_attrs, XR_EVENTS);
	for (i = 0; i < s->nr_attrs; i++) {
		struct event *ev = &s->events.ev[i];

		if (ev->kernel && !ev->user)
			return err__usage(e, "cannot record event '%s' by sigtrap: a signal shows user registers only; leave out the modifier k", ev->name);
		if (ev->precise)
			return err__usage(e, "cannot record event '%s' by sigtrap: it is precise (:p), a signal is not; leave out the modifier", ev->name);
		if (ev->kind == EVENT_TRACEPOINT && tracepoint__is_own(ev->name))
			return err__usage(e, "cannot record event '%s' by sigtrap: the signal of each sample would hit it again", ev->name);
		if (ev->kind == EVENT_UPROBE && (event__try(ev, e) || stepped__check(ev, e)))
			return -1;
		breakpoints += ev->kind == EVENT_BREAKPOINT;
	}
	if (breakpoints > DEBUG_REGISTERS)
		return err__usage(e, "cannot record %u breakpoints: x86 has %d debug registers; uprobe:FILE:SYMBOL needs none", breakpoints, DEBUG_REGISTERS);
	return 0;
}

static int sigtrap__open(struct session *s, struct err *e)
{
	if (sigtrap__events(s, e))
		return -1;
	return host__open(s, XR_MODE_SIGTRAP, e);
}

static int timer__open(struct session *s, struct err *e)
{
	return host__open(s, XR_MODE_TIMER, e);
}

/* ---- events --------------------------------------------------------------------------- */

static void host__hold(struct session *s, struct agent_host *h, int fd, const struct xr_hello *hello)
{
	struct held_event *list;

	if (h->nr_held == h->held_room) {
		list = realloc(h->held, (h->held_room * 2 + 16) * sizeof(*list));
		if (!list) {
			close(fd);
			return;
		}
		h->held = list;
		h->held_room = h->held_room * 2 + 16;
	}
	hitfilter__relieve(s, fd);
	h->held[h->nr_held++] = (struct held_event){
		.fd = fd, .pid = hello->pid, .event = hello->event,
	};
}

/* What the event counted: nanoseconds, in user and kernel mode, of all threads. */
static void host__drop(struct agent_host *h, size_t i)
{
	uint64_t count;

	if (read(h->held[i].fd, &count, sizeof(count)) == sizeof(count))
		h->counted[h->held[i].event] += count;
	close(h->held[i].fd);
	h->held[i] = h->held[--h->nr_held];
}

/* The descriptor of a message from a process of our user; else -1. */
static int message__fd(struct msghdr *msg)
{
	struct cmsghdr *c;
	struct ucred cred = { .uid = -1 };
	int fd = -1;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_RIGHTS)
			memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		if (c->cmsg_type == SCM_CREDENTIALS)
			memcpy(&cred, CMSG_DATA(c), sizeof(cred));
	}
	if (fd >= 0 && cred.uid != getuid() && cred.uid != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void host__receive(struct session *s, struct agent_host *h)
{
	for (;;) {
		struct xr_hello hello;
		struct iovec iov = { .iov_base = &hello, .iov_len = sizeof(hello) };
		union {
			char buf[CMSG_SPACE(sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
			struct cmsghdr align;
		} control;
		struct msghdr msg = {
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = &control, .msg_controllen = sizeof(control),
		};
		ssize_t n = recvmsg(h->socket, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
		int fd;

		if (n < 0)
			return;
		fd = message__fd(&msg);
		if (fd < 0)
			continue;
		if (n == sizeof(hello) && hello.magic == XR_SHM_MAGIC && hello.event < h->shm->nr_events)
			host__hold(s, h, fd, &hello);
		else
			close(fd);
	}
}

static bool process__gone(uint32_t id)
{
	return kill(id, 0) && errno == ESRCH;
}

/* ---- processes --------------------------------------------------------------------------- */

static const char *reason__text(const struct xr_proc *p)
{
	static const char *const text[XR_REASONS] = {
		[XR_SAMPLED] = NULL,
		[XR_NOT_YET] = "the agent was not loaded (environment cleared, another pid namespace, or no dynamic glibc program)",
		[XR_GO] = "Go program, whose runtime handles signals itself",
		[XR_EVENT] = "perf_event_open() was refused in the process",
		[XR_TIMER] = "timer_create() was refused in the process",
		[XR_STATIC] = "statically linked",
		[XR_FOREIGN] = "another C library or architecture",
		[XR_SETUID] = "setuid or setgid",
	};

	return p->reason < XR_REASONS ? text[p->reason] : "not known";
}

/* What the agents say of their processes. */
static int host__processes(struct session *s, struct agent_host *h, struct err *e)
{
	unsigned int i;

	for (i = 0; i < XR_PROCS; i++) {
		struct xr_proc *p = &h->shm->procs[i];
		uint32_t g = __atomic_load_n(&p->generation, __ATOMIC_ACQUIRE);

		if (!__atomic_load_n(&p->ready, __ATOMIC_ACQUIRE) || g == h->generation[i])
			continue;
		h->generation[i] = g;
		tasks__sampled(s->tasks, p->pid, p->start, reason__text(p));
		if (p->reason == XR_SAMPLED &&
		    synth__process(s, p->pid, p->ppid, p->start, e))
			return -1;
	}
	return 0;
}

static int host__reap(struct session *s, struct agent_host *h, uint64_t now, struct err *e)
{
	size_t i;

	for (i = h->nr_held; i-- > 0; )
		if (process__gone(h->held[i].pid))
			host__drop(h, i);
	for (i = 0; i < XR_PROCS; i++) {
		struct xr_proc *p = &h->shm->procs[i];

		if (!p->ready || h->generation[i] != p->generation || !process__gone(p->pid))
			continue;
		tasks__exit(s->tasks, p->pid, now);
		if (synth__exit(s, p->pid, p->pid, now, e))
			return -1;
		p->ready = 0;
		__atomic_store_n(&p->pid, 0, __ATOMIC_RELEASE);
	}
	for (i = 0; i < h->shm->slots_used && i < XR_SLOTS; i++)
		if (h->shm->tids[i] && process__gone(h->shm->tids[i]))
			__atomic_store_n(&h->shm->tids[i], 0, __ATOMIC_RELEASE);
	return 0;
}

/* ---- rings ------------------------------------------------------------------------------------ */

void host__decode(const struct xr_sample *x, struct sample *out)
{
	const uint8_t *chain = (const uint8_t *)(x + 1);
	const uint8_t *stack = chain + x->nr_chain * sizeof(uint64_t);

	*out = (struct sample){
		.ip = x->ip, .time = x->time, .period = x->period,
		.pid = x->pid, .tid = x->tid, .cpu = x->cpu,
		.cpumode = PERF_RECORD_MISC_USER,
		.callchain = chain, .nr_callchain = x->nr_chain,
		.user_stack = stack, .user_stack_size = x->stack_size,
		.user_stack_alloc = xr_stack_room(x->stack_size),
		.raw = stack + xr_stack_room(x->stack_size), .raw_size = x->raw_size,
		.has_regs_user = true,
		.regs_user = { .abi = PERF_REGS_ABI_64, .mask = XR_GPR_MASK,
			       .gprs = (const uint8_t *)x->gpr },
	};
}

static int host__sample(struct session *s, const struct xr_sample *x, struct err *e)
{
	struct sample out;

	if (s->khits && session__is_told(s, x->event))
		return khits__registers(s, x, e);
	host__decode(x, &out);
	out.attr = &s->attrs[x->event];
	return session__sample(s, &out, e);
}

static int host__record(struct session *s, const struct xr_rec *rec, struct err *e)
{
	const struct xr_maps *m = (const struct xr_maps *)rec;

	switch (rec->type) {
	case XR_REC_SAMPLE:
		return host__sample(s, (const struct xr_sample *)rec, e);
	case XR_REC_MAPS:
		return synth__maps(s, m->pid, m->time, (const char *)(m + 1), m->len, e);
	default:
		return 0;
	}
}

/*
 * The target can write here: nothing in a record is believed that could lead
 * out of the ring.
 */
static bool record__sane(const struct session *s, const struct xr_rec *rec, uint64_t at)
{
	const struct xr_sample *x = (const struct xr_sample *)rec;
	const struct xr_maps *m = (const struct xr_maps *)rec;

	if (rec->size < sizeof(*rec) || rec->size % 8 || rec->size > XR_RING_SIZE - at)
		return false;
	switch (rec->type) {
	case XR_REC_PAD:
		return true;
	case XR_REC_MAPS:
		return rec->size >= sizeof(*m) && m->len <= rec->size - sizeof(*m);
	case XR_REC_SAMPLE:
		return rec->size >= sizeof(*x) && x->nr_chain <= XR_MAX_CHAIN &&
		       x->stack_size <= XR_MAX_STACK && x->event < s->nr_attrs &&
		       sizeof(*x) + x->nr_chain * 8 + xr_stack_room(x->stack_size) +
		       (uint64_t)x->raw_size <= rec->size;
	default:
		return false;
	}
}

static int ring__drain(struct session *s, struct agent_host *h, unsigned int i, struct err *e)
{
	struct xr_slot *slot = &h->shm->slots[i];
	const uint8_t *ring = (const uint8_t *)h->shm + xr_ring_offset(i);
	uint64_t head = __atomic_load_n(&slot->head, __ATOMIC_ACQUIRE);
	uint64_t tail = slot->tail;
	int ret = 0;

	while (tail < head && !ret) {
		const struct xr_rec *rec = (const struct xr_rec *)(ring + tail % XR_RING_SIZE);

		if (!record__sane(s, rec, tail % XR_RING_SIZE)) {
			slot->errors++;
			tail = head;
			break;
		}
		ret = s->failed ? 0 : host__record(s, rec, e);
		tail += rec->size;
	}
	__atomic_store_n(&slot->tail, tail, __ATOMIC_RELEASE);
	return ret;
}

/* A hit is told before its signal comes: what was in the agents' rings has its hits here. */
static int host__flush(struct session *s, uint64_t cutoff, uint64_t now, bool last, struct err *e)
{
	uint64_t oldest;

	if (s->khits && (sideband__drain(s, e) || khits__settle(s, now, last, e)))
		return -1;
	oldest = khits__oldest(s);
	session__flush(s, last ? UINT64_MAX : oldest < cutoff ? oldest : cutoff);
	return 0;
}

/*
 * One look at everything. What is older than the cutoff cannot come any more:
 * a handler marks its slot busy before it takes the time, so a record that is
 * still being written is not older than the last look that found it idle.
 */
static int host__round(struct session *s, struct agent_host *h, bool last, struct err *e)
{
	uint64_t now = capture__now(), cutoff = now - ROUND_LAG_NS;
	unsigned int i, used;

	host__receive(s, h);
	if (host__processes(s, h, e) || sideband__drain(s, e))
		return -1;
	used = __atomic_load_n(&h->shm->slots_used, __ATOMIC_ACQUIRE);
	for (i = 0; i < used && i < XR_SLOTS; i++) {
		if (!__atomic_load_n(&h->shm->slots[i].busy, __ATOMIC_SEQ_CST) || !h->shm->tids[i])
			h->idle_at[i] = cutoff;
		else if (h->idle_at[i] && h->idle_at[i] < cutoff)
			cutoff = h->idle_at[i];
		if (ring__drain(s, h, i, e))
			return -1;
	}
	if (now - h->reaped > REAP_NS) {
		h->reaped = now;
		if (host__reap(s, h, now, e))
			return -1;
	}
	return host__flush(s, cutoff, now, last, e);
}

/* Closing an event stops it in all threads that inherited it. */
static void host__stop_sampling(struct session *s, struct agent_host *h)
{
	__atomic_store_n(&h->shm->stopped, 1, __ATOMIC_RELEASE);
	host__receive(s, h);
	while (h->nr_held)
		host__drop(h, h->nr_held - 1);
}

/*
 * Hits that came to no handler: in the kernel, where exclude_kernel drops them,
 * or while SIGTRAP was blocked, when only the first one stays pending. The
 * system time could tell them apart, but the kernel estimates it by ticks and
 * misses most of it in short processes. Since masks that go through the C
 * library never block SIGTRAP, it is the kernel unless most of the CPU time is
 * missing and the system time does not explain it.
 */
static void host__missing(struct session *s)
{
	struct capture_counts *c = &s->counts;
	uint64_t kernel = s->target.system / s->period + 20 + c->expected / 50;
	uint64_t held_back, taken, missing;

	hitfilter__dropped(s, &held_back);
	taken = s->per_event[0] + c->lost + c->blocked + held_back;
	missing = c->expected > taken ? c->expected - taken : 0;
	if (missing < kernel || missing - kernel < c->expected / 2)
		kernel = missing;
	c->kernel += kernel;
	c->blocked += missing - kernel;
}

static uint64_t host__lost(const struct session *s)
{
	const struct agent_host *h = s->priv;
	uint64_t lost = 0;
	unsigned int i;

	for (i = 0; h && !h->accounted && i < XR_SLOTS; i++)
		lost += h->shm->slots[i].lost;
	return h && !h->accounted ? lost + h->shm->no_slot : 0;
}

static void host__count(struct session *s, struct agent_host *h)
{
	struct xr_shm *shm = h->shm;
	unsigned int i;

	for (i = 0; i < XR_SLOTS; i++) {
		s->counts.lost += shm->slots[i].lost;
		s->counts.blocked += shm->slots[i].blocked;
		s->counts.kernel += shm->slots[i].kernel;
		s->counts.errors += shm->slots[i].errors;
	}
	h->accounted = true;
	s->counts.no_slot = shm->no_slot;
	s->counts.lost += shm->no_slot;
	if (shm->mode == XR_MODE_TIMER) {
		s->counts.expected = s->target.cpu / s->period;
		return;
	}
	s->counts.expected = h->counted[0] / s->period;
	if (s->event->clock)
		host__missing(s);
}

static int host__run(struct session *s, struct err *e)
{
	struct agent_host *h = s->priv;
	struct pollfd fds[] = {
		{ .fd = s->target.signal_fd, .events = POLLIN },
		{ .fd = h->socket, .events = POLLIN },
	};
	int ret = 0;

	h->reaped = capture__now();
	while (!s->target.done) {
		poll(fds, 2, h->timeout);
		target__signals(&s->target, true);
		if (!ret)
			ret = host__round(s, h, false, e);
		if (ret || s->failed)
			host__stop_sampling(s, h);
	}
	host__stop_sampling(s, h);
	if (!ret)
		ret = host__round(s, h, true, e);
	host__count(s, h);
	return ret;
}

static void host__stop(struct session *s)
{
	struct agent_host *h = s->priv;

	if (!h)
		return;
	if (h->shm) {
		host__stop_sampling(s, h);
		munmap(h->shm, h->size);
	}
	if (h->memfd >= 0)
		close(h->memfd);
	if (h->socket >= 0)
		close(h->socket);
	khits__close(s);
	free(h->held);
	free(h);
	s->priv = NULL;
}

/* ---- what works here ------------------------------------------------------------------------------ */

static int sigtrap__probe(struct err *e)
{
	struct perf_event_attr a;
	static const struct event clock = { .type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_TASK_CLOCK };
	char path[4096];
	int fd;

	if (agent__path(path, sizeof(path), e))
		return -1;
	event__attr(&clock, 1000000000, &a);
	a.disabled = 1;
	fd = event__open(&a, 0, -1);
	if (fd >= 0) {
		close(fd);
		return 0;
	}
	if (fd == -EACCES || fd == -EPERM)
		return err__set(e, "perf_event_open is refused: %s (kernel.perf_event_paranoid is %d%s); sysctl kernel.perf_event_paranoid=2 would allow it",
				strerror(-fd), event__paranoid(), event__paranoid() > 2 ? "" : ", so a seccomp filter or a security module");
	if (fd == -EINVAL || fd == -E2BIG)
		return err__set(e, "this kernel has no sigtrap events; Linux 5.13 or newer has them");
	return err__set(e, "perf_event_open is refused: %s", strerror(-fd));
}

static int timer__probe(struct err *e)
{
	struct sigevent sev = { .sigev_notify = SIGEV_NONE };
	char path[4096];
	timer_t id;

	if (agent__path(path, sizeof(path), e))
		return -1;
	if (timer_create(CLOCK_THREAD_CPUTIME_ID, &sev, &id))
		return err__set(e, "timer_create is refused: %s", strerror(errno));
	timer_delete(id);
	return 0;
}

const struct capture_ops capture_sigtrap = {
	.name = "sigtrap",
	.probe = sigtrap__probe,
	.open = sigtrap__open,
	.run = host__run,
	.stop = host__stop,
	.lost = host__lost,
};

const struct capture_ops capture_timer = {
	.name = "timer",
	.probe = timer__probe,
	.open = timer__open,
	.run = host__run,
	.stop = host__stop,
	.lost = host__lost,
};
