/* SPDX-License-Identifier: GPL-2.0-only */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "bpf/support.h"

static const char btf_path[] = "/sys/kernel/btf/vmlinux";

/* The first complaint is the cause, what follows comes of it. */
static char first_message[512];

static int message__keep(enum libbpf_print_level level, const char *fmt, va_list args)
{
	if (level != LIBBPF_WARN || first_message[0])
		return 0;
	vsnprintf(first_message, sizeof(first_message), fmt, args);
	first_message[strcspn(first_message, "\n")] = '\0';
	return 0;
}

void bpf_support__quiet(void)
{
	first_message[0] = '\0';
	libbpf_set_print(message__keep);
}

/* "none [integrity] confidentiality" [Documentation of securityfs: lockdown] */
static bool kernel__is_confidential(void)
{
	FILE *f = fopen("/sys/kernel/security/lockdown", "r");
	char line[128] = "";

	if (!f)
		return false;
	if (!fgets(line, sizeof(line), f))
		line[0] = '\0';
	fclose(f);
	return strstr(line, "[confidentiality]");
}

static const char *bpf_support__reason(int error)
{
	if (error == ENOSYS)
		return "this kernel has no BPF; it must be built with CONFIG_BPF_SYSCALL and CONFIG_BPF_EVENTS";
	if (kernel__is_confidential())
		return "the kernel is locked down to confidentiality, which forbids BPF to read its memory; boot with lockdown=integrity";
	if (error == EPERM || error == EACCES)
		return geteuid() ? "BPF programs need CAP_BPF and CAP_PERFMON; run it as root" :
				   "the kernel refuses BPF also to root here: a container without CAP_BPF and CAP_PERFMON or with a seccomp filter; run it on the host";
	if (access(btf_path, R_OK))
		return "this kernel does not describe its types (/sys/kernel/btf/vmlinux is missing); it must be built with CONFIG_DEBUG_INFO_BTF";
	return NULL;
}

int bpf_support__explain(int error, const char *verb, struct err *e)
{
	const char *reason = bpf_support__reason(error);

	if (reason)
		return err__set(e, "cannot %s: %s", verb, reason);
	return err__set(e, "cannot %s: the kernel refused a BPF program: %s%s%.500s; Linux 5.16 or newer with CONFIG_BPF_EVENTS is needed",
			verb, strerror(error), first_message[0] ? ": " : "", first_message);
}
