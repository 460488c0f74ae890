/* SPDX-License-Identifier: GPL-2.0-only */
/* Names of the vendors' manuals, as in FP_ARITH:512B_PACKED_DOUBLE:u, by libpfm4. */
#include <stdio.h>
#include <string.h>

#include "events/internal.h"

/* Behind <linux/perf_event.h>: libpfm4 has definitions of its own, unless that one came first. */
#include <perfmon/pfmlib_perf_event.h>

/* Once: the library keeps what it finds. LIBPFM_FORCE_PMU names another CPU's PMU. */
static bool pfm__ready(void)
{
	static int ready = -1;

	if (ready < 0)
		ready = pfm_initialize() == PFM_SUCCESS;
	return ready;
}

const char *events__pfm_model(void)
{
	pfm_pmu_info_t info;
	pfm_pmu_t pmu;

	if (!pfm__ready())
		return NULL;
	pfm_for_all_pmus(pmu) {
		memset(&info, 0, sizeof(info));
		info.size = sizeof(info);
		if (pfm_get_pmu_info(pmu, &info) == PFM_SUCCESS && info.is_present &&
		    info.type == PFM_PMU_TYPE_CORE)
			return info.desc;
	}
	return NULL;
}

static void pfm__take(struct event *ev, const struct perf_event_attr *a)
{
	ev->kind = EVENT_PFM;
	ev->type = a->type;
	ev->config = a->config;
	ev->config1 = a->config1;
	ev->config2 = a->config2;
	ev->user = !a->exclude_user && a->exclude_kernel;
	ev->kernel = !a->exclude_kernel && a->exclude_user;
	ev->precise = a->precise_ip;
	ev->pinned = a->pinned;
	if (a->freq)
		ev->freq = a->sample_freq;
	else
		ev->period = a->sample_period;
}

static int pfm__refused(const char *text, int ret, struct err *e)
{
	const char *model = events__pfm_model();

	return err__usage(e, "cannot record event '%s': libpfm4%s%s: %s", text, model ? " for " : "",
			  model ? model : "", pfm_strerror(ret));
}

int pfm__parse(struct event_parser *p, const char *text, struct err *e)
{
	struct perf_event_attr attr = { .size = sizeof(attr) };
	pfm_perf_encode_arg_t arg = { .attr = &attr, .size = sizeof(arg) };
	struct event *ev;
	int ret;

	if (!pfm__ready())
		return 0;
	ret = pfm_get_os_event_encoding(text, PFM_PLM0 | PFM_PLM3, PFM_OS_PERF_EVENT_EXT, &arg);
	/* with a colon behind a name that it knows, the mistake is in the rest */
	if (ret == PFM_ERR_NOTFOUND || ret == PFM_ERR_INVAL)
		return 0;
	if (ret != PFM_SUCCESS)
		return pfm__refused(text, ret, e);
	ev = events__add(p->list, text, e);
	if (!ev)
		return -1;
	pfm__take(ev, &attr);
	return 1;
}
