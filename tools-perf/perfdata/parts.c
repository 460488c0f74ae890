/* SPDX-License-Identifier: GPL-2.0-only */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "perfdata/parts.h"

enum {
	PARTS_MAX	= 1024,		/* open files; more threads than any machine's default */
	QUEUE_BYTES	= 48 << 20,	/* copies that wait, of all files together */
	QUEUE_BYTES_MIN	= 1 << 20,
};

struct part {
	struct perfdata_reader *reader;
	struct perfdata_record rec;	/* valid when pending */
	bool pending, ended;
};

struct perfdata_parts {
	struct part *part;		/* the first is DIR/data, its owner's */
	unsigned int nr;
	struct part *last;		/* whose record was handed out */
};

/* "data.N" -> N; false for other names. */
static bool part__number(const char *name, unsigned long *n)
{
	char *end;

	if (strncmp(name, "data.", 5) || name[5] < '0' || name[5] > '9')
		return false;
	errno = 0;
	*n = strtoul(name + 5, &end, 10);
	return !*end && !errno;
}

static int parts__count(const char *dir, unsigned int *nr, struct err *e)
{
	struct dirent *d;
	unsigned long n;
	DIR *f = opendir(dir);

	if (!f)
		return err__set(e, "cannot read the directory '%s': %s", dir, strerror(errno));
	for (*nr = 0; (d = readdir(f)); )
		*nr += part__number(d->d_name, &n);
	closedir(f);
	if (*nr > PARTS_MAX)
		return err__set(e, "cannot read '%s': it has %u files; %d are possible", dir, *nr, PARTS_MAX);
	return 0;
}

static int parts__add(struct perfdata_parts *p, const char *dir, const char *name,
		      struct perfdata_head *head, uint64_t queue_bytes, struct err *e)
{
	char *path;
	int r;

	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return err__set(e, "out of memory");
	r = perfdata_reader__open_part(path, head, queue_bytes, &p->part[p->nr].reader, e);
	p->nr += !r;
	free(path);
	return r;
}

static int parts__add_all(struct perfdata_parts *p, const char *dir, unsigned int nr,
			  struct perfdata_head *head, struct err *e)
{
	uint64_t queue_bytes = QUEUE_BYTES / (nr + 1);
	struct dirent *d;
	unsigned long n;
	DIR *f = opendir(dir);
	int r = 0;

	if (!f)
		return err__set(e, "cannot read the directory '%s': %s", dir, strerror(errno));
	if (queue_bytes < QUEUE_BYTES_MIN)
		queue_bytes = QUEUE_BYTES_MIN;
	while (!r && p->nr <= nr && (d = readdir(f)))
		if (part__number(d->d_name, &n))
			r = parts__add(p, dir, d->d_name, head, queue_bytes, e);
	closedir(f);
	return r;
}

int perfdata_parts__open(const char *dir, struct perfdata_reader *main,
			 struct perfdata_head *head, struct perfdata_parts **out,
			 struct err *e)
{
	struct perfdata_parts *p;
	unsigned int nr = 0;

	if (parts__count(dir, &nr, e))
		return -1;
	p = calloc(1, sizeof(*p));
	if (p)
		p->part = calloc(nr + 1, sizeof(*p->part));
	if (!p || !p->part) {
		free(p);
		return err__set(e, "out of memory");
	}
	p->part[0].reader = main;
	p->nr = 1;
	if (parts__add_all(p, dir, nr, head, e)) {
		perfdata_parts__free(p);
		return -1;
	}
	*out = p;
	return 0;
}

static int part__fill(struct part *x, struct err *e)
{
	int r;

	if (x->pending || x->ended)
		return 0;
	r = perfdata_reader__next_own(x->reader, &x->rec, e);
	x->pending = r > 0;
	x->ended = r == 0;
	return r < 0 ? -1 : 0;
}

/* The earliest of the files' next records; those without a time come first. */
int perfdata_parts__next(struct perfdata_parts *p, struct perfdata_record *rec,
			 struct err *e)
{
	struct part *x, *first = NULL;

	if (p->last)
		p->last->pending = false;
	p->last = NULL;
	for (x = p->part; x < p->part + p->nr; x++) {
		if (part__fill(x, e))
			return -1;
		if (x->pending && (!first || x->rec.time < first->rec.time))
			first = x;
	}
	if (!first)
		return 0;
	p->last = first;
	*rec = first->rec;
	return 1;
}

static void stats__add(struct perfdata_stats *sum, const struct perfdata_stats *s)
{
	sum->records += s->records;
	sum->samples += s->samples;
	sum->lost += s->lost;
	sum->lost_records += s->lost_records;
	sum->throttled += s->throttled;
	sum->skipped += s->skipped;
	if (!sum->unknown)
		sum->unknown_type = s->unknown_type;
	sum->unknown += s->unknown;
	if (!sum->bad_records)
		sum->first_bad_offset = s->first_bad_offset;
	sum->bad_records += s->bad_records;
	if (!sum->truncated)
		sum->truncated_offset = s->truncated_offset;
	sum->truncated |= s->truncated;
	sum->bytes_missing += s->bytes_missing;
	sum->unfinished |= s->unfinished;
	sum->unordered += s->unordered;
	sum->decompressed += s->decompressed;
	sum->aux_bytes += s->aux_bytes;
	sum->deferred_chains += s->deferred_chains;
}

void perfdata_parts__stats(const struct perfdata_parts *p, struct perfdata_stats *sum)
{
	unsigned int i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < p->nr; i++)
		stats__add(sum, perfdata_reader__stats_own(p->part[i].reader));
}

void perfdata_parts__free(struct perfdata_parts *p)
{
	unsigned int i;

	for (i = 1; p && i < p->nr; i++)
		perfdata_reader__close(p->part[i].reader);
	if (p)
		free(p->part);
	free(p);
}
