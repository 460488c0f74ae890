/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which file a record goes into, and when the next one begins. Without any of
 * the options there is one file, and none of this is made.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "capture/files/files.h"
#include "util/amount.h"

enum { WINDOW_BYTES = 256 << 20 };

struct files {
	struct alive *alive;
	struct window *window;		/* NULL: records are written as they come */
	uint64_t began;			/* the file at hand, ns */
	uint64_t samples;		/* in the files before */
	uint64_t lost;			/* that those tell of */
	char **kept;			/* --switch-max-files: their names, the oldest at next */
	unsigned int next, count;
};

static volatile sig_atomic_t signalled;

static void files__signal(int sig)
{
	(void)sig;
	signalled = 1;
}

static bool options__switch(const struct output_options *o)
{
	return o->switch_signal || o->switch_size || o->switch_ns || o->snapshot_ns;
}

int files__open(struct session *s, struct err *e)
{
	const struct output_options *o = &s->opt->out;
	struct files *f;

	if (!options__switch(o))
		return 0;
	f = s->files = calloc(1, sizeof(*f));
	if (!f || !(f->alive = alive__new()) ||
	    (o->max_files && !(f->kept = calloc(o->max_files, sizeof(*f->kept)))) ||
	    (o->snapshot_ns && !(f->window = window__new(o->snapshot_ns, WINDOW_BYTES))))
		return err__set(e, "out of memory");
	f->began = capture__now();
	return 0;
}

void files__catch_signal(const struct session *s)
{
	/* without files to switch it is ignored, as by perf record: it would kill us */
	const struct sigaction sa = { .sa_handler = s->files ? files__signal : SIG_IGN };

	signalled = 0;
	sigaction(SIGUSR2, &sa, NULL);
}

void files__close(struct session *s)
{
	struct files *f = s->files;
	unsigned int i;

	if (!f)
		return;
	for (i = 0; f->kept && i < s->opt->out.max_files; i++)
		free(f->kept[i]);
	free(f->kept);
	alive__free(f->alive);
	window__free(f->window);
	free(f);
	s->files = NULL;
}

uint64_t files__samples(const struct session *s)
{
	return (s->files ? s->files->samples : 0) + (s->writer ? perfdata_writer__samples(s->writer) : 0);
}

unsigned int files__count(const struct session *s)
{
	return s->files ? s->files->count : 1;
}

/* ---- options -------------------------------------------------------------------------- */

/* As perf record has it: signal, a size, or a time. */
static int option__switch(struct output_options *o, const char *arg, struct err *e)
{
	if (!arg || !strcmp(arg, "signal"))
		o->switch_signal = true;
	else if (!amount__bytes(arg, &o->switch_size) && !amount__ns(arg, &o->switch_ns))
		return err__usage(e, "cannot record with --switch-output='%s': it is signal, a size as in 512K, 100M, 2G, or a time as in 30s, 5m, 1h, 1d", arg);
	return 0;
}

static int option__max_files(struct output_options *o, const char *arg, struct err *e)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(arg, &end, 10);
	if (errno || *end || *arg < '0' || *arg > '9' || !n || n > 100000)
		return err__usage(e, "cannot record with --switch-max-files '%s': a number from 1 to 100000 is needed", arg);
	o->max_files = n;
	return 0;
}

static int option__max_size(struct output_options *o, const char *arg, struct err *e)
{
	return amount__bytes(arg, &o->max_size) ? 0 :
		err__usage(e, "cannot record with --max-size '%s': it is a size as in 512K, 100M, 2G", arg);
}

/* Seconds, with or without a unit of time. */
static int option__snapshot(struct output_options *o, const char *arg, struct err *e)
{
	static const uint64_t second = 1000000000, most = 86400;
	char text[24];

	snprintf(text, sizeof(text), "%ss", arg ? arg : "10");
	if (!amount__ns(text, &o->snapshot_ns) && (!arg || !amount__ns(arg, &o->snapshot_ns)))
		return err__usage(e, "cannot record with --snapshot='%s': it is a number of seconds, or a time as in 30s, 5m", arg);
	if (o->snapshot_ns > most * second)
		return err__usage(e, "cannot record with --snapshot='%s': a day is the most", arg);
	return 0;
}

int output_options__set(struct output_options *o, enum output_option which, const char *arg, struct err *e)
{
	static int (*const set[OUTPUT_OPTIONS])(struct output_options *, const char *, struct err *) = {
		[OUTPUT_SWITCH] = option__switch, [OUTPUT_MAX_FILES] = option__max_files,
		[OUTPUT_MAX_SIZE] = option__max_size, [OUTPUT_SNAPSHOT] = option__snapshot,
	};

	return set[which](o, arg, e);
}

int output_options__check(const struct output_options *o, struct err *e)
{
	if (o->max_files && !options__switch(o))
		return err__usage(e, "cannot record with --switch-max-files alone: --switch-output makes the files of which it keeps the last");
	if (o->snapshot_ns && (o->switch_size || o->switch_ns || o->max_size))
		return err__usage(e, "cannot record with --snapshot and %s: a snapshot is written at SIGUSR2 and at the end",
				  o->max_size ? "--max-size" : "--switch-output by size or time");
	return 0;
}

/* ---- names --------------------------------------------------------------------------- */

/*
 * FILE.YYYYMMDDhhmmssCC, as perf record names it; later hundredths where that
 * is taken, so that names stay in order.
 */
static int files__name(const struct session *s, char *name, size_t size, struct err *e)
{
	char stamp[24];
	unsigned long long n;
	struct timeval tv;
	struct tm tm;

	gettimeofday(&tv, NULL);
	localtime_r(&tv.tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%d%H%M%S", &tm);
	for (n = strtoull(stamp, NULL, 10) * 100 + tv.tv_usec / 10000; ; n++) {
		if ((size_t)snprintf(name, size, "%s.%llu", s->opt->output, n) >= size)
			return err__set(e, "cannot write '%s': the name is too long", s->opt->output);
		if (access(name, F_OK))
			return 0;
	}
}

static void files__keep(struct session *s, const char *name)
{
	struct files *f = s->files;

	f->count++;
	if (!f->kept)
		return;
	if (f->kept[f->next]) {
		unlink(f->kept[f->next]);
		f->count--;
	}
	free(f->kept[f->next]);
	f->kept[f->next] = strdup(name);
	f->next = (f->next + 1) % s->opt->out.max_files;
}

/* ---- from one file to the next ------------------------------------------------------------ */

/* What was lost since the file before. */
static int files__meta(struct session *s, struct err *e)
{
	uint64_t lost = session__lost(s);
	int ret = perfdata_info__set(&s->info, PERFDATA_META_LOST, "%llu", (unsigned long long)(lost - s->files->lost));

	s->files->lost = lost;
	return ret ? err__set(e, "out of memory") : 0;
}

static int files__write(void *ctx, const uint8_t *rec, size_t size, struct err *e)
{
	return perfdata_writer__record(((struct session *)ctx)->writer, rec, size, e);
}

static void files__tell(const struct session *s, const char *name, uint64_t samples)
{
	if (s->opt->switched)
		s->opt->switched(name, samples);
}

/* At time 0: a hit of a thread that was held up can be older than what came before it. */
static int files__write_alive(struct session *s, struct err *e)
{
	return alive__replay(s->files->alive, &s->attr, 0, files__write, s, e);
}

/* The window goes into the file, what was alive before it first. */
static int files__write_window(struct session *s, struct err *e)
{
	struct files *f = s->files;

	return files__write_alive(s, e) || window__each(f->window, files__write, s, e) ? -1 : 0;
}

static int files__switch(struct session *s, struct err *e)
{
	struct perfdata_info next = s->info;
	struct files *f = s->files;
	uint64_t samples;
	char name[PATH_MAX];
	int ret;

	if (f->window && files__write_window(s, e))
		return -1;
	samples = perfdata_writer__samples(s->writer);
	if (files__name(s, name, sizeof(name), e) || files__meta(s, e))
		return -1;
	ret = perfdata_writer__next_file(s->writer, name, &s->info, &next, e);
	/* each file tells its own; the next one's is not known yet */
	free(s->info.meta[PERFDATA_META_LOST]);
	s->info.meta[PERFDATA_META_LOST] = NULL;
	if (ret)
		return -1;
	files__keep(s, name);
	files__tell(s, name, samples);
	f->samples += samples;
	f->began = capture__now();
	return f->window ? 0 : files__write_alive(s, e);
}

/* ---- records --------------------------------------------------------------------------------- */

static int window__take(struct files *f, uint64_t time, const uint8_t *rec, size_t size, struct err *e)
{
	const uint8_t *old;
	uint64_t left;
	int ret = window__add(f->window, time, rec, size);

	while (!ret && (old = window__pop(f->window, &size, &left)))
		ret = alive__note(f->alive, old, size);
	return ret ? err__set(e, "out of memory") : 0;
}

/* No error: the recording is as large as it was to become. */
static int files__full(struct session *s, struct err *e)
{
	s->full = true;
	err__set(e, "'%s' has reached the size of --max-size", s->opt->output);
	e->status = XREGS_OK;
	return -1;
}

int files__record(void *ctx, uint64_t time, const uint8_t *rec, size_t size, struct err *e)
{
	struct session *s = ctx;
	const struct output_options *o = &s->opt->out;
	struct files *f = s->files;

	if (f && f->window)
		return window__take(f, time, rec, size, e);
	if (perfdata_writer__record(s->writer, rec, size, e))
		return -1;
	if (f && alive__note(f->alive, rec, size))
		return err__set(e, "out of memory");
	if (o->max_size && perfdata_writer__size(s->writer) >= o->max_size)
		return files__full(s, e);
	return o->switch_size && perfdata_writer__size(s->writer) >= o->switch_size ? files__switch(s, e) : 0;
}

int files__round(struct session *s, struct err *e)
{
	const struct output_options *o = &s->opt->out;
	struct files *f = s->files;
	bool due;

	if (!f)
		return 0;
	due = o->switch_ns && capture__now() - f->began >= o->switch_ns;
	if (signalled && (o->switch_signal || o->snapshot_ns))
		due = true;
	signalled = 0;
	return due ? files__switch(s, e) : 0;
}

/*
 * The last one is named as the others, and gone where nothing is in it: it
 * began when the one before was full.
 */
int files__finish(struct session *s, struct err *e)
{
	struct files *f = s->files;
	uint64_t samples;
	char name[PATH_MAX];
	int ret;

	if (f && f->window && !s->failed && files__write_window(s, e))
		s->failed = true;
	samples = perfdata_writer__samples(s->writer);
	ret = f && files__meta(s, e) ? -1 : 0;
	if (perfdata_writer__close(s->writer, &s->info, e))
		ret = -1;
	s->writer = NULL;
	if (!f || ret)
		return ret;
	f->samples += samples;
	if (!samples && f->samples)
		return unlink(s->opt->output) ? err__set(e, "cannot remove '%s': %s", s->opt->output, strerror(errno)) : 0;
	if (files__name(s, name, sizeof(name), e))
		return -1;
	if (rename(s->opt->output, name))
		return err__set(e, "cannot rename '%s' to '%s': %s", s->opt->output, name, strerror(errno));
	files__keep(s, name);
	files__tell(s, name, samples);
	return 0;
}
