/* SPDX-License-Identifier: GPL-2.0-only */
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"

int shm__map(const char *path)
{
	struct xr_shm *shm;
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return -1;
	shm = mmap(NULL, XR_SHM_HEAD, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (shm == MAP_FAILED)
		return -1;
	if (shm->magic != XR_SHM_MAGIC || shm->version != XR_SHM_VERSION) {
		munmap(shm, XR_SHM_HEAD);
		return -1;
	}
	/* Register contents are secrets: not into the target's core dumps. */
	madvise(shm, XR_SHM_HEAD, MADV_DONTDUMP);
	xr_agent.shm = shm;
	return 0;
}

uint64_t shm__now(void)
{
	struct timespec ts;

	/* The vDSO reads the clock without a system call and without TLS. */
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static int slot__claim(struct xr_shm *shm, uint32_t tid)
{
	struct thread *t;
	uint32_t i, used;

	for (i = 0; i < XR_SLOTS; i++) {
		uint32_t zero = 0;

		if (shm->tids[i] ||
		    !__atomic_compare_exchange_n(&shm->tids[i], &zero, tid, false,
						 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			continue;
		used = __atomic_load_n(&shm->slots_used, __ATOMIC_RELAXED);
		while (used < i + 1 &&
		       !__atomic_compare_exchange_n(&shm->slots_used, &used, i + 1, false,
						    __ATOMIC_RELEASE, __ATOMIC_RELAXED))
			;
		t = &xr_agent.threads[i];
		*t = (struct thread){ .ring = t->ring };
		shm->slots[i].pid = xr_agent.pid;
		return i;
	}
	return -1;
}

int shm__slot(void)
{
	struct xr_shm *shm = xr_agent.shm;
	uint32_t tid = xr_gettid();
	uint32_t i, used = __atomic_load_n(&shm->slots_used, __ATOMIC_ACQUIRE);

	for (i = 0; i < used; i++)
		if (__atomic_load_n(&shm->tids[i], __ATOMIC_RELAXED) == tid)
			return i;
	return slot__claim(shm, tid);
}

void shm__release(int slot)
{
	if (slot >= 0)
		__atomic_store_n(&xr_agent.shm->tids[slot], 0, __ATOMIC_RELEASE);
}

struct thread *shm__thread(void)
{
	int slot = shm__slot();

	return slot < 0 ? NULL : &xr_agent.threads[slot];
}

/*
 * Map the ring of a slot. The memfd is closed, and the target may have changed
 * its root or its system call filter since; but mremap() of a shared mapping
 * with an old size of 0 makes a second mapping of the same object (mremap(2)),
 * here long enough to reach the ring, of which the front is dropped again.
 */
static uint8_t *ring__map(int slot)
{
	uint64_t offset = xr_ring_offset(slot);
	long addr;

	addr = xr_syscall(SYS_mremap, (long)xr_agent.shm, 0, offset + XR_SLOT_SIZE,
			  MREMAP_MAYMOVE, 0);
	if (addr < 0 && addr > -4096)
		return NULL;
	xr_syscall(SYS_munmap, addr, offset, 0, 0, 0);
	xr_syscall(SYS_madvise, addr + offset, XR_SLOT_SIZE, MADV_DONTDUMP, 0, 0);
	return (uint8_t *)addr + offset;
}

static bool ring__pad(struct xr_slot *s, uint8_t *ring, uint64_t tail, size_t size)
{
	uint64_t at = s->head % XR_RING_SIZE;
	struct xr_rec *pad;

	if (at + size <= XR_RING_SIZE)
		return s->head + size - tail <= XR_RING_SIZE;
	if (s->head + (XR_RING_SIZE - at) + size - tail > XR_RING_SIZE)
		return false;
	pad = (struct xr_rec *)(ring + at);
	pad->size = XR_RING_SIZE - at;
	pad->type = XR_REC_PAD;
	__atomic_store_n(&s->head, s->head + pad->size, __ATOMIC_RELEASE);
	return true;
}

bool ring__has_room(int slot, size_t size)
{
	const struct xr_slot *s = &xr_agent.shm->slots[slot];

	/* a record that does not fit behind the last one leaves the ring's end unused */
	return XR_RING_SIZE - (s->head - __atomic_load_n(&s->tail, __ATOMIC_ACQUIRE)) >= 2 * size;
}

void *ring__reserve(int slot, size_t size)
{
	struct xr_slot *s = &xr_agent.shm->slots[slot];
	struct thread *t = &xr_agent.threads[slot];

	if (!t->ring)
		t->ring = ring__map(slot);
	if (!t->ring ||
	    !ring__pad(s, t->ring, __atomic_load_n(&s->tail, __ATOMIC_ACQUIRE), size)) {
		s->lost++;
		return NULL;
	}
	return t->ring + s->head % XR_RING_SIZE;
}

void ring__commit(int slot, const struct xr_rec *rec)
{
	struct xr_slot *s = &xr_agent.shm->slots[slot];

	__atomic_store_n(&s->head, s->head + rec->size, __ATOMIC_RELEASE);
}

uint8_t *ring__scratch(int slot)
{
	return xr_agent.threads[slot].ring + XR_RING_SIZE;
}

static struct xr_proc *proc__find(struct xr_shm *shm, uint32_t pid)
{
	uint32_t i;

	for (i = 0; i < XR_PROCS; i++)
		if (__atomic_load_n(&shm->procs[i].pid, __ATOMIC_RELAXED) == pid)
			return &shm->procs[i];
	for (i = 0; i < XR_PROCS; i++) {
		uint32_t zero = 0;

		if (__atomic_compare_exchange_n(&shm->procs[i].pid, &zero, pid, false,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
			return &shm->procs[i];
	}
	return NULL;
}

void proc__hello(uint32_t pid, enum xr_reason reason, int error)
{
	struct xr_shm *shm = xr_agent.shm;
	struct xr_proc *p = proc__find(shm, pid);

	if (!p) {
		__atomic_fetch_add(&shm->no_proc, 1, __ATOMIC_RELAXED);
		return;
	}
	p->ppid = pid == xr_agent.pid ? (uint32_t)getppid() : xr_agent.pid;
	p->reason = reason;
	p->error = error;
	p->start = shm__now();
	__atomic_fetch_add(&p->generation, 1, __ATOMIC_RELEASE);
	__atomic_store_n(&p->ready, 1, __ATOMIC_RELEASE);
}

/* One record of what is mapped executable, as the kernel wrote it. */
void shm__send_maps(void)
{
	int slot, fd;
	struct xr_maps *m;
	size_t room, len = 0;
	ssize_t n;

	if (!(xr_agent.shm->flags & XR_SEND_MAPS))
		return;
	slot = shm__slot();
	room = 64 * 1024;
	m = slot < 0 ? NULL : ring__reserve(slot, sizeof(*m) + room);
	fd = m ? open("/proc/self/maps", O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	while (len < room && (n = read(fd, (char *)(m + 1) + len, room - len)) > 0)
		len += n;
	close(fd);
	*m = (struct xr_maps){
		.rec = { .size = (sizeof(*m) + len + 7) & ~7u, .type = XR_REC_MAPS },
		.time = shm__now(),
		.pid = xr_agent.pid,
		.len = len,
	};
	ring__commit(slot, &m->rec);
}
