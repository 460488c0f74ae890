/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ring of one event and CPU: a control page, then a power of two of data
 * pages [include/uapi/linux/perf_event.h: struct perf_event_mmap_page].
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/capture.h"

static size_t ring__page(void)
{
	return sysconf(_SC_PAGESIZE);
}

int perf_ring__map(struct perf_ring *r, int fd, size_t pages)
{
	size_t size = pages * ring__page();
	void *p = mmap(NULL, size + ring__page(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return -errno;
	*r = (struct perf_ring){ .page = p, .data = (const uint8_t *)p + ring__page(), .size = size };
	return 0;
}

void perf_ring__unmap(struct perf_ring *r)
{
	if (r->page)
		munmap(r->page, r->size + ring__page());
	r->page = NULL;
}

/* A record that wraps is put together in @buf; one that does not stays where it is. */
static const uint8_t *ring__at(const struct perf_ring *r, uint64_t at, size_t size, uint8_t *buf)
{
	size_t offset = at & (r->size - 1), first = r->size - offset;

	if (size <= first)
		return r->data + offset;
	memcpy(buf, r->data + offset, first);
	memcpy(buf + first, r->data, size - first);
	return buf;
}

int perf_ring__drain(struct perf_ring *r, perf_ring__fn *fn, void *ctx, struct err *e)
{
	static uint8_t buf[UINT16_MAX];
	uint64_t head = __atomic_load_n(&r->page->data_head, __ATOMIC_ACQUIRE);
	uint64_t tail = r->page->data_tail;
	struct perf_event_header h;
	int ret = 0;

	while (tail < head && !ret) {
		/* records are 8-byte aligned, so a header never wraps */
		memcpy(&h, ring__at(r, tail, sizeof(h), buf), sizeof(h));
		if (h.size < sizeof(h) || h.size > head - tail)
			return err__set(e, "cannot read the kernel's ring buffer: a record of %u bytes at position %llu",
					h.size, (unsigned long long)tail);
		ret = fn(ctx, ring__at(r, tail, h.size, buf), h.size, e);
		tail += h.size;
	}
	__atomic_store_n(&r->page->data_tail, tail, __ATOMIC_RELEASE);
	return ret;
}
