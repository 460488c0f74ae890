/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Maps, forks and symbols, on objects that are compiled on the spot. What the
 * symbols should be is asked of nm, addr2line and readelf.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "machine/machine.h"

enum { PID = 4242, TEXT = 0x1000 };

static const uint64_t BASE = 0x7f0000000000;
static char folder[] = "/tmp/test_machine.XXXXXX";
static struct machine *m;
static struct err e;

static void run(const char *fmt, ...)
{
	char command[2048], full[2200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	snprintf(full, sizeof(full), "cd %s && { %s ; }", folder, command);
	if (system(full))
		fail_msg("failed: %s", command);
}

static void ask(char *answer, size_t size, const char *fmt, ...)
{
	char command[512], full[700];
	va_list ap;
	FILE *f;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	snprintf(full, sizeof(full), "cd %s && { %s ; }", folder, command);
	f = popen(full, "r");
	assert_non_null(f);
	if (!fgets(answer, size, f))
		*answer = '\0';
	pclose(f);
	answer[strcspn(answer, "\n")] = '\0';
}

static uint64_t ask_hex(const char *command)
{
	char answer[64];

	ask(answer, sizeof(answer), "%s", command);
	assert_true(*answer);
	return strtoull(answer, NULL, 16);
}

static void feed(const struct perfdata_record *rec)
{
	assert_int_equal(machine__record(m, rec, &e), 0);
}

static void feed_map(uint32_t pid, const char *file, uint64_t addr, uint64_t len, uint64_t pgoff,
		     const uint8_t *id)
{
	struct perfdata_record rec = {
		.kind = PERFDATA_MMAP, .type = PERF_RECORD_MMAP2, .cpumode = PERF_RECORD_MISC_USER,
		.mmap = { .pid = pid, .tid = pid, .addr = addr, .len = len, .pgoff = pgoff, .exec = true, .filename = file },
	};

	if (id) {
		rec.mmap.build_id_size = 20;
		memcpy(rec.mmap.build_id, id, 20);
	}
	feed(&rec);
}

static void feed_comm(uint32_t pid, uint32_t tid, const char *comm, bool exec)
{
	feed(&(struct perfdata_record){
		.kind = PERFDATA_COMM, .type = PERF_RECORD_COMM,
		.comm = { .pid = pid, .tid = tid, .exec = exec, .comm = comm },
	});
}

static void feed_fork(uint32_t ppid, uint32_t ptid, uint32_t pid, uint32_t tid)
{
	feed(&(struct perfdata_record){
		.kind = PERFDATA_FORK, .type = PERF_RECORD_FORK,
		.task = { .pid = pid, .ppid = ppid, .tid = tid, .ptid = ptid },
	});
}

static const struct location *user(uint32_t pid, uint64_t ip)
{
	return machine__find(m, pid, ip, PERF_RECORD_MISC_USER);
}

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static int compile(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	run("cat > t.c <<'!'\n"
	    "int one(int a) { return a * 3; }\n"
	    "int two(int a) { return one(a) + 1; }\n"
	    "static __attribute__((used,noinline)) int hidden(int a) { return a / 7; }\n"
	    "int main(int c, char **v) { (void)v; return hidden(two(c)); }\n"
	    "!\n"
	    "cat > t.cc <<'!'\n"
	    "namespace grid { struct Cell { int step(int a) { return a * 5; } }; }\n"
	    "int call(int a) { grid::Cell c; return c.step(a); }\n"
	    "!\n"
	    "gcc -g -O0 -Wl,--build-id=sha1 -o pie t.c && gcc -g -O0 -no-pie -o fixed t.c && "
	    "g++ -O0 -shared -fPIC -o libcxx.so t.cc && "
	    "cp pie full && objcopy --only-keep-debug pie pie.debug && cp pie linked && "
	    "objcopy --strip-all linked && objcopy --add-gnu-debuglink=pie.debug linked && "
	    "cp pie bare && objcopy --strip-all bare && "
	    "gcc -O0 -Wl,--build-id=0x00112233445566778899aabbccddeeff00112233 -o other t.c");
	return 0;
}

static int remove_files(void **state)
{
	(void)state;
	run("rm -rf %s", folder);
	return 0;
}

static int new_machine(void **state)
{
	(void)state;
	return machine__new(NULL, &m, &e);
}

static int free_machine(void **state)
{
	(void)state;
	machine__free(m);
	return 0;
}

/* The executable segment of a file, as the loader maps it. */
static void feed_text(uint32_t pid, const char *name, uint64_t base, const uint8_t *id)
{
	char command[256];
	uint64_t offset, size;

	snprintf(command, sizeof(command), "readelf -lW %s | awk '/LOAD.* E /{print $2}'", name);
	offset = ask_hex(command);
	snprintf(command, sizeof(command), "readelf -lW %s | awk '/LOAD.* E /{print $5}'", name);
	size = ask_hex(command);
	feed_map(pid, path_of(name), base + offset, (size + 0xfff) & ~0xfffULL, offset, id);
}

static uint64_t nm(const char *name, const char *symbol)
{
	char command[256];

	snprintf(command, sizeof(command), "nm %s | awk '$3==\"%s\"{print $1}'", name, symbol);
	return ask_hex(command);
}

static void test_pie(void **state)
{
	const struct location *l;
	uint64_t two = nm("pie", "two");

	(void)state;
	feed_text(PID, "pie", BASE, NULL);
	l = user(PID, BASE + two + 4);
	assert_string_equal(l->sym->name, "two");
	assert_string_equal(l->sym->dso->name, "pie");
	assert_int_equal(l->addr, two + 4);
	assert_int_equal(l->sym->start, two);
	assert_ptr_equal(l, user(PID, BASE + two + 4));
	assert_ptr_not_equal(l, user(PID, BASE + two + 5));
	assert_ptr_equal(l->sym, user(PID, BASE + two + 5)->sym);
	assert_string_equal(user(PID, BASE + nm("pie", "hidden"))->sym->name, "hidden");
}

static void test_fixed_address(void **state)
{
	uint64_t one = nm("fixed", "one");

	(void)state;
	feed_text(PID, "fixed", 0x400000, NULL);
	assert_string_equal(user(PID, one + 1)->sym->name, "one");
	assert_int_equal(user(PID, one + 1)->addr, one + 1);
}

static void test_demangle(void **state)
{
	const struct machine_options raw = { .no_demangle = true };
	uint64_t step = nm("libcxx.so", "_ZN4grid4Cell4stepEi");

	(void)state;
	feed_text(PID, "libcxx.so", BASE, NULL);
	assert_string_equal(user(PID, BASE + step)->sym->name, "grid::Cell::step");
	machine__free(m);
	assert_int_equal(machine__new(&raw, &m, &e), 0);
	feed_text(PID, "libcxx.so", BASE, NULL);
	assert_string_equal(user(PID, BASE + step)->sym->name, "_ZN4grid4Cell4stepEi");
}

static void test_insn_and_line(void **state)
{
	char want[256], command[128];
	const struct location *l;
	const char *file;
	uint64_t one = nm("pie", "one");
	int line;

	(void)state;
	feed_text(PID, "pie", BASE, NULL);
	l = user(PID, BASE + one);
	assert_true(machine__insn(m, l)->known);
	assert_string_equal(machine__insn(m, l)->text, "push rbp");
	snprintf(command, sizeof(command), "addr2line -e pie 0x%llx", (unsigned long long)one);
	ask(want, sizeof(want), "%s", command);
	assert_true(machine__srcline(m, l, &file, &line));
	assert_int_equal(line, atoi(strrchr(want, ':') + 1));
	assert_non_null(strstr(file, "t.c"));
}

static void test_separate_debug_file(void **state)
{
	const struct location *l;
	const char *file;
	int line;

	(void)state;
	feed_text(PID, "linked", BASE, NULL);
	l = user(PID, BASE + nm("pie", "hidden"));
	assert_string_equal(l->sym->name, "hidden");
	assert_true(machine__srcline(m, l, &file, &line));
}

static void test_build_id(void **state)
{
	const struct machine_problem *p;
	uint8_t id[20];
	char hex[64];
	int i;

	(void)state;
	ask(hex, sizeof(hex), "readelf -n pie | awk '/Build ID/{print $3}'");
	for (i = 0; i < 20; i++)
		sscanf(hex + 2 * i, "%2hhx", &id[i]);
	feed_text(PID, "pie", BASE, id);
	assert_string_equal(user(PID, BASE + nm("pie", "two"))->sym->name, "two");
	assert_int_equal(machine__problems(m, &p), 0);

	feed_text(PID + 1, "other", BASE, id);
	assert_string_equal(user(PID + 1, BASE + nm("other", "two"))->sym->name, "[unknown]");
	assert_false(machine__insn(m, user(PID + 1, BASE + nm("other", "two")))->known);
	assert_int_equal(machine__problems(m, &p), 1);
	assert_int_equal(p->dso->state, DSO_MISMATCH);
	assert_int_equal(p->samples, 2);
	assert_string_equal(p->dso->name, "other");
}

static void test_missing_and_bare(void **state)
{
	const struct machine_problem *p;
	int i;

	(void)state;
	feed_map(PID, "/nonexistent/prog", BASE, TEXT, 0, NULL);
	feed_text(PID, "bare", BASE + 0x100000, NULL);
	feed_map(PID, path_of("t.c"), BASE + 0x200000, TEXT, 0, NULL);
	assert_string_equal(user(PID, BASE + 5)->sym->name, "[unknown]");
	assert_string_equal(user(PID, BASE + 5)->sym->dso->name, "prog");
	user(PID, BASE + 6);
	user(PID, BASE + 0x100000 + nm("pie", "hidden"));
	for (i = 0; i < 4; i++)
		user(PID, BASE + 0x200000);
	machine__caller(m, PID, BASE + 0x200001, PERF_RECORD_MISC_USER);
	assert_int_equal(machine__problems(m, &p), 3);
	assert_string_equal(p[0].dso->name, "t.c");
	assert_int_equal(p[0].samples, 4);
	assert_int_equal(p[1].dso->state, DSO_MISSING);
	assert_int_equal(p[2].dso->state, DSO_NO_SYMBOLS);
	/* bytes are there without symbols */
	assert_true(machine__insn(m, user(PID, BASE + 0x100000 + nm("pie", "hidden")))->known);
}

/* Names are gone from a stripped file, functions are not: each by readelf's list. */
static void test_stripped(void **state)
{
	char line[128], want[64];
	unsigned long start, end;
	const struct symbol *s;
	unsigned int n = 0;
	FILE *f;

	(void)state;
	feed_text(PID, "bare", BASE, NULL);
	snprintf(line, sizeof(line), "readelf --debug-dump=frames %s/bare | grep ' FDE '", folder);
	f = popen(line, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		assert_int_equal(sscanf(strstr(line, "pc="), "pc=%lx..%lx", &start, &end), 2);
		s = user(PID, BASE + start)->sym;
		if (!strcmp(s->name, "[unknown]"))
			continue;	/* in the PLT */
		snprintf(want, sizeof(want), "[0x%lx]", start);
		assert_string_equal(s->name, want);
		assert_int_equal(s->end, end);
		assert_ptr_equal(user(PID, BASE + end - 1)->sym, s);
		n++;
	}
	pclose(f);
	assert_true(n >= 4);
	s = user(PID, BASE + nm("pie", "hidden") + 3)->sym;
	assert_int_equal(s->start, nm("pie", "hidden"));
	assert_string_equal(user(PID, BASE + nm("pie", "one") - 1)->sym->dso->name, "bare");
}

/* A function that has a symbol keeps it. */
static void test_unwind_does_not_override(void **state)
{
	char line[128];
	unsigned long start, end;
	FILE *f;

	(void)state;
	feed_text(PID, "pie", BASE, NULL);
	snprintf(line, sizeof(line), "readelf --debug-dump=frames %s/pie | grep ' FDE '", folder);
	f = popen(line, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		assert_int_equal(sscanf(strstr(line, "pc="), "pc=%lx..%lx", &start, &end), 2);
		assert_null(strstr(user(PID, BASE + start)->sym->name, "[0x"));
	}
	pclose(f);
	assert_string_equal(user(PID, BASE + nm("pie", "hidden"))->sym->name, "hidden");
}

static void test_symfs(void **state)
{
	struct machine_options o = { .symfs = folder };
	const struct location *l;

	(void)state;
	machine__free(m);
	assert_int_equal(machine__new(&o, &m, &e), 0);
	feed_map(PID, "/pie", BASE, 0x10000, 0, NULL);
	l = user(PID, BASE + nm("pie", "one"));
	assert_string_equal(l->sym->name, "one");
}

static void test_overlap(void **state)
{
	(void)state;
	feed_map(PID, "/a", 0x10000, 0x5000, 0, NULL);
	feed_map(PID, "/b", 0x12000, 0x1000, 0, NULL);
	assert_string_equal(user(PID, 0x11fff)->sym->dso->name, "a");
	assert_string_equal(user(PID, 0x12000)->sym->dso->name, "b");
	assert_string_equal(user(PID, 0x12fff)->sym->dso->name, "b");
	assert_string_equal(user(PID, 0x13000)->sym->dso->name, "a");
	assert_int_equal(user(PID, 0x13010)->addr, 0x3010);
	assert_string_equal(user(PID, 0x15000)->sym->dso->name, "[unknown]");
	assert_string_equal(user(PID, 0xffff)->sym->dso->name, "[unknown]");
	feed_map(PID, "/c", 0xf000, 0x10000, 0, NULL);
	assert_string_equal(user(PID, 0x12000)->sym->dso->name, "c");
	assert_string_equal(user(PID, 0xf000)->sym->dso->name, "c");
}

static void test_fork_and_exec(void **state)
{
	(void)state;
	feed_comm(PID, PID, "shell", false);
	feed_map(PID, "/a", 0x10000, 0x1000, 0, NULL);
	feed_fork(PID, PID, PID + 1, PID + 1);
	assert_string_equal(user(PID + 1, 0x10010)->sym->dso->name, "a");
	assert_string_equal(machine__comm(m, PID + 1, PID + 1), "shell");
	/* what the parent maps later is not the child's */
	feed_map(PID, "/late", 0x20000, 0x1000, 0, NULL);
	assert_string_equal(user(PID + 1, 0x20010)->sym->dso->name, "[unknown]");
	feed_comm(PID + 1, PID + 1, "prog", true);
	assert_string_equal(user(PID + 1, 0x10010)->sym->dso->name, "[unknown]");
	assert_string_equal(machine__comm(m, PID + 1, PID + 1), "prog");
	assert_string_equal(machine__comm(m, PID, PID), "shell");
	assert_string_equal(user(PID, 0x10010)->sym->dso->name, "a");
	/* a thread shares the maps of its process */
	feed_fork(PID, PID, PID, PID + 2);
	assert_string_equal(machine__comm(m, PID, PID + 2), "shell");
	feed_comm(PID, PID + 2, "worker", false);
	assert_string_equal(machine__comm(m, PID, PID + 2), "worker");
	assert_string_equal(machine__comm(m, PID, PID), "shell");
	assert_string_equal(machine__comm(m, 1, 77), ":77");
	assert_string_equal(machine__comm(m, 0, 0), "swapper");
	assert_string_equal(machine__comm(m, UINT32_MAX, UINT32_MAX), "[exited]");
	/* a pid that comes again starts from its new parent */
	feed_fork(PID, PID, PID + 1, PID + 1);
	assert_string_equal(user(PID + 1, 0x20010)->sym->dso->name, "late");
}

static void test_jit(void **state)
{
	struct machine_options o = { .symfs = folder };

	(void)state;
	run("mkdir -p tmp && printf '7f0000001000 20 jitted one\\n7f0000001040 10 two\\nnot a line\\n' > tmp/perf-%d.map", PID);
	machine__free(m);
	assert_int_equal(machine__new(&o, &m, &e), 0);
	feed_map(PID, "//anon", BASE, 0x10000, BASE, NULL);
	assert_string_equal(user(PID, BASE + 0x1010)->sym->name, "jitted one");
	assert_string_equal(user(PID, BASE + 0x1048)->sym->name, "two");
	assert_string_equal(user(PID, BASE + 0x1030)->sym->name, "[unknown]");
	assert_false(machine__insn(m, user(PID, BASE + 0x1010))->known);
}

static void test_jit_not_trusted(void **state)
{
	struct machine_options o = { .symfs = folder };
	const struct machine_problem *p;

	(void)state;
	run("mkdir -p tmp && printf '7f0000001000 20 evil\\n' > tmp/real && ln -sf real tmp/perf-%d.map", PID + 1);
	machine__free(m);
	assert_int_equal(machine__new(&o, &m, &e), 0);
	feed_map(PID + 1, "//anon", BASE, 0x10000, BASE, NULL);
	assert_string_equal(user(PID + 1, BASE + 0x1010)->sym->name, "[unknown]");
	assert_int_equal(machine__problems(m, &p), 1);
	assert_int_equal(p->dso->state, DSO_MISMATCH);
	if (geteuid())
		return;		/* only root can give a file away */
	run("rm tmp/perf-%d.map && cp tmp/real tmp/perf-%d.map && chown 65534 tmp/perf-%d.map", PID + 1, PID + 2, PID + 2);
	feed_map(PID + 2, "//anon", BASE, 0x10000, BASE, NULL);
	assert_string_equal(user(PID + 2, BASE + 0x1010)->sym->name, "[unknown]");
}

/* What the registers hold at a label is read by: "reg:type@reader", in order. */
static void reads_at(const char *label, char *text, size_t size)
{
	const struct insn_read *r;
	unsigned int i, n;
	char name[12];

	n = machine__reads(m, user(PID, BASE + nm("labels", label)), &r);
	*text = '\0';
	for (i = 0; i < n; i++)
		if (r[i].computes)
			snprintf(text + strlen(text), size - strlen(text), "%s%s:%s@%.*s", *text ? " " : "",
				 xstate_reg__name(r[i].op->reg, name), xstate_type__name(r[i].op->type),
				 (int)strcspn(r[i].insn->text, " "), r[i].insn->text);
}

static void test_reads(void **state)
{
	static const struct {
		const char *label, *want;
	} cases[] = {
		{ "itself", "ymm1:f32@vmulps ymm2:f32@vmulps" },
		{ "behind", "xmm0:f32@mulss xmm1:f32@mulss" },
		{ "written", "ymm2:f64@vaddpd" },
		{ "loop", "xmm0:f32@mulss xmm1:f32@mulss xmm2:f32@addss" },
		{ "both", "xmm4:f64@addsd xmm5:f64@addsd xmm3:f32@addss xmm6:f32@addss" },
		{ "calls", "" },
		{ "cleared", "" },
		{ "moved", "" },
		{ "masked", "" },
		{ "integer", "" },
		{ "stores", "ymm1:f32@vmulps ymm0:f32@vmovups" },
		{ "stores_other", "" },
		{ "leaves", "" },
	};
	char got[256];
	size_t i;

	(void)state;
	run("cat > walk.s <<'!'\n"
	    ".intel_syntax noprefix\n"
	    "f: .globl f\n.type f,@function\n"
	    "itself: vmulps ymm0, ymm1, ymm2\n ret\n"
	    "behind: add eax, 1\n mulss xmm0, xmm1\n ret\n"
	    "written: vmovapd ymm1, [rdi]\n vaddpd ymm0, ymm1, ymm2\n ret\n"
	    "again: mulss xmm0, xmm1\n addss xmm0, xmm2\n"
	    "loop: sub eax, 1\n jne again\n ret\n"
	    "both: test eax, eax\n je other\n addsd xmm4, xmm5\n ret\n"
	    "other: addss xmm3, xmm6\n ret\n"
	    "calls: call f\n addss xmm1, xmm2\n ret\n"
	    "cleared: vzeroupper\n addss xmm1, xmm2\n ret\n"
	    "moved: vmovaps ymm1, ymm2\n vshufps ymm3, ymm4, ymm5, 1\n vxorps ymm6, ymm7, ymm7\n ret\n"
	    "masked: kxnorw k1, k0, k0\n vmulps ymm0{k1}, ymm1, ymm2\n ret\n"
	    "integer: paddd xmm1, xmm2\n ret\n"
	    "top: vmulps ymm0, ymm1, [rdi]\n"
	    "stores: vmovups [rsi], ymm0\n jne top\n ret\n"
	    "stores_other: vmovups [rsi], ymm0\n vpaddd ymm0, ymm1, ymm2\n ret\n"
	    "leaves: ret\n addss xmm1, xmm2\n"
	    ".size f,.-f\n!\n"
	    "as -o walk.o walk.s && ld -shared -o walk walk.o");
	/* labels are symbols of their own, between which no walk goes */
	run("cp walk labels && strip -w -K f walk");
	feed_text(PID, "walk", BASE, NULL);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		reads_at(cases[i].label, got, sizeof(got));
		if (strcmp(got, cases[i].want))
			fail_msg("%s: got '%s', wanted '%s'", cases[i].label, got, cases[i].want);
	}
}

static void test_vdso(void **state)
{
	const uint64_t base = getauxval(AT_SYSINFO_EHDR);
	struct perfdata_info elsewhere = { .osrelease = "0.0.1-other" };
	struct machine_options o = { .info = &elsewhere };
	bool found = false;
	uint64_t a;

	(void)state;
	if (!base)
		skip();
	feed_map(PID, "[vdso]", base, 0x4000, 0, NULL);
	for (a = base; a < base + 0x2000 && !found; a += 16)
		found = strstr(user(PID, a)->sym->name, "gettime");
	assert_true(found);
	machine__free(m);
	assert_int_equal(machine__new(&o, &m, &e), 0);
	feed_map(PID, "[vdso]", base, 0x4000, 0, NULL);
	assert_string_equal(user(PID, a)->sym->name, "[unknown]");
}

static void test_kernel(void **state)
{
	char line[256];
	uint64_t addr;

	(void)state;
	ask(line, sizeof(line), "awk '$2==\"T\" && $3==\"schedule\"{print $1}' /proc/kallsyms");
	addr = strtoull(line, NULL, 16);
	if (!addr) {
		print_message("/proc/kallsyms shows no addresses to this user\n");
		skip();
	}
	assert_string_equal(machine__find(m, PID, addr + 1, PERF_RECORD_MISC_KERNEL)->sym->name, "schedule");
	assert_string_equal(machine__find(m, PID, addr + 1, PERF_RECORD_MISC_GUEST_USER)->sym->name, "[unknown]");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, new_machine, free_machine)
	const struct CMUnitTest tests[] = {
		TEST(test_pie), TEST(test_fixed_address), TEST(test_demangle),
		TEST(test_insn_and_line), TEST(test_separate_debug_file), TEST(test_build_id),
		TEST(test_missing_and_bare), TEST(test_stripped), TEST(test_unwind_does_not_override), TEST(test_symfs), TEST(test_overlap),
		TEST(test_fork_and_exec), TEST(test_jit), TEST(test_jit_not_trusted),
		TEST(test_reads), TEST(test_vdso), TEST(test_kernel),
	};

	return cmocka_run_group_tests_name("machine", tests, compile, remove_files);
}
