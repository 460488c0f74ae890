/* SPDX-License-Identifier: GPL-2.0-only */
/* What is said of a recording besides its records. */
#include <cpuid.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "perfdata/format.h"

static const char *const meta_names[] = {
	[PERFDATA_META_BACKEND]		= "backend",
	[PERFDATA_META_BACKEND_WHY]	= "backend-why",
	[PERFDATA_META_EVENT]		= "event",
	[PERFDATA_META_RATE]		= "rate",
	[PERFDATA_META_REQUESTED]	= "requested",
	[PERFDATA_META_REQ_XFEATURES]	= "requested-xfeatures",
	[PERFDATA_META_EXPECTED]	= "expected",
	[PERFDATA_META_LOST]		= "lost",
	[PERFDATA_META_KERNEL]		= "kernel",
	[PERFDATA_META_BLOCKED]		= "blocked",
	[PERFDATA_META_UNSAMPLED]	= "unsampled",
	[PERFDATA_META_THREADS]		= "threads",
	[PERFDATA_META_FILTER]		= "record-filter",
	[PERFDATA_META_FILTERED]	= "filtered",
	[PERFDATA_META_TARGET]		= "target",
};
_Static_assert(sizeof(meta_names) / sizeof(meta_names[0]) == PERFDATA_META_NR, "a name for each key");

const char *perfdata_meta__name(enum perfdata_meta_key k)
{
	return (unsigned int)k < PERFDATA_META_NR ? meta_names[k] : NULL;
}

bool perfdata_meta__is_count(enum perfdata_meta_key k)
{
	static const uint32_t counts = 1 << PERFDATA_META_EXPECTED | 1 << PERFDATA_META_LOST | 1 << PERFDATA_META_KERNEL |
				       1 << PERFDATA_META_BLOCKED | 1 << PERFDATA_META_THREADS |
				       1 << PERFDATA_META_FILTERED;

	return counts >> k & 1;
}

bool perfdata_meta__count(const char *value, uint64_t *count)
{
	char *end;

	if (!value || *value < '0' || *value > '9')
		return false;
	errno = 0;
	*count = strtoull(value, &end, 10);
	return !*end && !errno;
}

char **perfdata_info__string(struct perfdata_info *info, unsigned int nr)
{
	switch (nr) {
	case PERFDATA_FEAT_HOSTNAME:	return &info->hostname;
	case PERFDATA_FEAT_OSRELEASE:	return &info->osrelease;
	case PERFDATA_FEAT_VERSION:	return &info->version;
	case PERFDATA_FEAT_ARCH:	return &info->arch;
	case PERFDATA_FEAT_CPUDESC:	return &info->cpudesc;
	case PERFDATA_FEAT_CPUID:	return &info->cpuid;
	default:			return NULL;
	}
}

const char *perfdata_info__command(const struct perfdata_info *info, char *buf, size_t size)
{
	char **arg = info->cmdline;
	size_t n = 0, i, start = 0;

	*buf = '\0';
	for (i = 0; arg && arg[i] && !start; i++)
		start = strcmp(arg[i], "--") ? 0 : i + 1;
	/* files of perf record have no "--" unless it was given */
	if (!start && info->meta[PERFDATA_META_TARGET])
		return NULL;
	for (i = start; arg && arg[i] && n < size; i++)
		n += snprintf(buf + n, size - n, "%s%s", i > start ? " " : "", arg[i]);
	return *buf ? buf : NULL;
}

const char *perfdata_info__recorded(const struct perfdata_info *info, char *buf, size_t size)
{
	const char *target = info->meta[PERFDATA_META_TARGET];
	char text[4096];
	const char *command = perfdata_info__command(info, text, sizeof(text));

	if (!target && !command)
		return NULL;
	if (target && command)
		snprintf(buf, size, "%s, while %.*s ran", target, (int)(size / 2), command);
	else
		snprintf(buf, size, "%s", target ? target : command);
	return buf;
}

int perfdata_info__set(struct perfdata_info *info, enum perfdata_meta_key k,
		       const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return -1;
	free(info->meta[k]);
	info->meta[k] = text;
	return 0;
}

/* The value of the first line "KEY<blanks>: VALUE" of a /proc file. */
static char *proc__value(const char *path, const char *key)
{
	FILE *f = fopen(path, "re");
	char *line = NULL, *v = NULL;
	size_t size = 0;

	while (f && !v && getline(&line, &size, f) > 0) {
		if (strncmp(line, key, strlen(key)))
			continue;
		v = strchr(line, ':');
		v = v ? strdup(v + 1 + strspn(v + 1, " \t")) : NULL;
		if (v)
			v[strcspn(v, "\n")] = '\0';
	}
	free(line);
	if (f)
		fclose(f);
	return v;
}

/* "GenuineIntel,6,85,7", as perf writes it [arch/x86/util/header.c]. */
static char *host__cpuid(void)
{
	unsigned int eax, ebx, ecx, edx, family, model;
	char vendor[13] = "", *text;

	if (!__get_cpuid(0, &eax, &ebx, &ecx, &edx))
		return NULL;
	memcpy(vendor, &ebx, 4);
	memcpy(vendor + 4, &edx, 4);
	memcpy(vendor + 8, &ecx, 4);
	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx))
		return NULL;
	family = eax >> 8 & 0xf;
	model = eax >> 4 & 0xf;
	if (family == 6 || family == 15)
		model += (eax >> 16 & 0xf) << 4;
	if (family == 15)
		family += eax >> 20 & 0xff;
	if (asprintf(&text, "%s,%u,%u,%u", vendor, family, model, eax & 0xf) < 0)
		return NULL;
	return text;
}

int perfdata_info__host(struct perfdata_info *info, struct err *e)
{
	struct utsname u;
	char *mem;

	if (uname(&u))
		return err__set(e, "cannot read the system's name: %s", strerror(errno));
	info->hostname = strdup(u.nodename);
	info->osrelease = strdup(u.release);
	info->arch = strdup(u.machine);
	info->version = strdup("perf-xregs " XREGS_VERSION);
	info->cpudesc = proc__value("/proc/cpuinfo", "model name");
	info->cpuid = host__cpuid();
	info->nrcpus_online = sysconf(_SC_NPROCESSORS_ONLN);
	info->nrcpus_available = sysconf(_SC_NPROCESSORS_CONF);
	mem = proc__value("/proc/meminfo", "MemTotal");
	info->total_mem_kb = mem ? strtoull(mem, NULL, 10) : 0;
	free(mem);
	if (!info->hostname || !info->osrelease || !info->arch || !info->version)
		return err__set(e, "out of memory");
	return 0;
}

void perfdata_info__free(struct perfdata_info *info)
{
	char **s;
	int i;

	free(info->hostname);
	free(info->osrelease);
	free(info->version);
	free(info->arch);
	free(info->cpudesc);
	free(info->cpuid);
	for (s = info->cmdline; s && *s; s++)
		free(*s);
	free(info->cmdline);
	for (i = 0; i < PERFDATA_META_NR; i++)
		free(info->meta[i]);
	memset(info, 0, sizeof(*info));
}
