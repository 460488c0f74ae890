# SPDX-License-Identifier: GPL-2.0-only
#
# make                 libxstate and perf-xregs into $(O) (build/)
# make demo            install what is missing, build, record and report
# make test            install what is missing, run all user-space tests
# make kernel-test     build the patched kernel, run it in QEMU and Bochs
# make bench           ratios against perf on this machine
# make fuzz            coverage-guided fuzzing with clang (FUZZ_TIME seconds each)
# make rebless         write the golden files anew from today's output
# make install         DESTDIR and PREFIX are honoured
#
# V=1 shows commands, O=DIR builds elsewhere, SAN=1 adds ASan and UBSan.

VERSION	:= 0.1.0
O	?= build
PREFIX	?= /usr/local
CC	?= gcc
CFLAGS	?= -O2 -g

ifeq ($(V),1)
Q :=
say :=
else
Q := @
say = @printf '  %-7s %s\n' $(1) $(2);
endif

bindir	:= $(PREFIX)/bin
libdir	:= $(PREFIX)/lib
libexec	:= $(PREFIX)/libexec/perf-xregs
incdir	:= $(PREFIX)/include
mandir	:= $(PREFIX)/share/man
compdir	:= $(PREFIX)/share/bash-completion/completions

WARN	:= -Wall -Wextra -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla -Wno-missing-field-initializers
STD	:= -std=gnu11
DEPS	:= -MMD -MP
comma	:= ,
SANFLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)

# Only when something is built: "make demo" on a bare machine comes without
# pkg-config and installs it first.
PKGS	= libdw libelf libzstd zydis libprotobuf-c libtraceevent libbpf ncursesw
pkgcflags = $(eval pkgcflags := $$(shell pkg-config --cflags $(PKGS) 2>/dev/null))$(pkgcflags)
pkglibs	= $(eval pkglibs := $$(shell pkg-config --libs $(filter-out zydis,$(PKGS)) 2>/dev/null) -lZydis -liberty -lpfm)$(pkglibs)

all: lib tool

# ---- libxstate ---------------------------------------------------------------

LIB_SRC	:= $(wildcard sample-parsers/*.c)
LIB_OBJ	:= $(LIB_SRC:%.c=$(O)/%.o)
LIB_PIC	:= $(LIB_SRC:%.c=$(O)/%.pic.o)
LIB_A	:= $(O)/libxstate.a
LIB_SO	:= $(O)/libxstate.so.0
LIB_INC	:= -Isample-parsers/include
# Freestanding: the compiler may emit calls to memcpy, memset and memcmp only.
LIB_CFLAGS = $(STD) $(WARN) $(CFLAGS) -O3 -ffreestanding $(SANFLAGS) $(LIB_INC) $(DEPS)

lib: $(LIB_A) $(LIB_SO) $(O)/libxstate.so

$(O)/sample-parsers/%.pic.o: sample-parsers/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(LIB_CFLAGS) -fPIC -fvisibility=hidden -c -o $@ $<

$(O)/sample-parsers/%.o: sample-parsers/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(LIB_CFLAGS) -c -o $@ $<

$(LIB_A): $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(LIB_SO): $(LIB_PIC) sample-parsers/libxstate.map
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) -shared -Wl,-soname,libxstate.so.0 -Wl,--version-script=sample-parsers/libxstate.map -Wl,--no-undefined $(LDFLAGS) -o $@ $(LIB_PIC)

$(O)/libxstate.so: $(LIB_SO)
	$(Q)ln -sf $(<F) $@

# ---- perf-xregs --------------------------------------------------------------

# The agent is loaded into other people's programs: its own object, no
# sanitizer, nothing but libc.
AGENT	:= $(O)/libxregs-agent.so
AGENT_SRC := $(wildcard tools-perf/capture/agent/*.c)
AGENT_OBJ := $(AGENT_SRC:%.c=$(O)/%.o) $(LIB_SRC:%.c=$(O)/agent/%.o)

TOOL	:= $(O)/perf-xregs
# What runs in the kernel: clang makes an object, bpftool a header that holds it.
BPF_SRC	:= $(wildcard tools-perf/bpf/*.bpf.c)
BPF_SKEL := $(BPF_SRC:tools-perf/bpf/%.bpf.c=$(O)/gen/%.skel.h)
BPF_CLANG ?= clang
BPFTOOL	?= $(shell PATH="$$PATH:/usr/sbin" command -v bpftool || echo bpftool)
BPF_CFLAGS = -target bpf -g -O2 -Wall -Wextra -Wno-unused-parameter -Itools-perf/bpf \
	-I/usr/include/$(shell $(CC) -print-multiarch)

TOOL_SRC := $(filter-out $(AGENT_SRC) $(BPF_SRC) tools-perf/plugin/%,$(wildcard tools-perf/*.c tools-perf/*/*.c tools-perf/*/*/*.c))
TOOL_OBJ := $(TOOL_SRC:%.c=$(O)/%.o) $(O)/gen/profile.pb-c.o
TOOL_MAIN := $(O)/tools-perf/main.o
TOOL_CFLAGS = $(STD) $(WARN) $(CFLAGS) $(SANFLAGS) -D_GNU_SOURCE $(LIB_INC) -Itools-perf -I$(O)/gen $(pkgcflags) \
	-DXREGS_VERSION='"$(VERSION)"' -DXREGS_LIBEXECDIR='"$(libexec)"' $(DEPS)
AGENT_CFLAGS = $(STD) $(WARN) -O2 -g -D_GNU_SOURCE -fPIC -fvisibility=hidden -fno-stack-protector $(LIB_INC) -Itools-perf $(DEPS)

# perf loads it: of our objects only what it needs, and no sanitizer.
PLUGIN	:= $(O)/xregs-dlfilter.so
PLUGIN_SRC := $(wildcard tools-perf/plugin/*.c) $(filter-out tools-perf/filter/records.c tools-perf/filter/program.c,$(wildcard tools-perf/filter/*.c)) \
	$(addprefix tools-perf/,machine/insn.c output/regview.c output/obuf.c output/escape.c output/numfmt.c output/mxcsr.c \
	perfdata/samples.c util/reglist.c util/time.c util/suggest.c util/err.c)
PLUGIN_OBJ := $(PLUGIN_SRC:%.c=$(O)/plugin/%.o)
PLUGIN_CFLAGS = $(STD) $(WARN) $(CFLAGS) -D_GNU_SOURCE -fPIC -fvisibility=hidden $(LIB_INC) -Itools-perf $(pkgcflags) $(DEPS)

tool: $(TOOL) $(AGENT) $(PLUGIN)

$(PLUGIN): $(PLUGIN_OBJ) $(LIB_SRC:%.c=$(O)/plugin/%.o) tools-perf/plugin/dlfilter.map
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-z,now -Wl,--no-undefined -Wl,--version-script=tools-perf/plugin/dlfilter.map $(LDFLAGS) -o $@ $(filter %.o,$^) -lZydis -lm

$(O)/plugin/tools-perf/%.o: tools-perf/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(PLUGIN_CFLAGS) -c -o $@ $<

$(O)/plugin/sample-parsers/%.o: sample-parsers/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(PLUGIN_CFLAGS) -O3 -ffreestanding -c -o $@ $<

$(AGENT): $(AGENT_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-z,now -Wl,-z,nodelete -Wl,--no-undefined -o $@ $^ -ldl

$(O)/tools-perf/capture/agent/%.o: tools-perf/capture/agent/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(AGENT_CFLAGS) -c -o $@ $<

$(O)/agent/sample-parsers/%.o: sample-parsers/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(AGENT_CFLAGS) -ffreestanding -c -o $@ $<

# What protoc-c makes of a .proto: not our code, so without our warnings.
$(O)/gen/%.pb-c.c: tools-perf/convert/%.proto
	@mkdir -p $(@D)
	$(call say,PROTOC,$@)
	$(Q)protoc-c --proto_path=$(<D) --c_out=$(@D) $<

$(O)/gen/%.o: $(O)/gen/%.c
	$(call say,CC,$@)
	$(Q)$(CC) $(STD) $(CFLAGS) $(SANFLAGS) $(pkgcflags) -I$(@D) $(DEPS) -c -o $@ $<

$(O)/tools-perf/convert/to_pprof.o: $(O)/gen/profile.pb-c.c

$(O)/gen/%.bpf.o: tools-perf/bpf/%.bpf.c
	@mkdir -p $(@D)
	$(call say,BPF,$@)
	$(Q)$(BPF_CLANG) $(BPF_CFLAGS) $(DEPS) -c -o $@ $<

$(O)/gen/%.skel.h: $(O)/gen/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $(subst .,_,$(<F:%.o=%)) > $@.tmp && mv $@.tmp $@

$(patsubst $(O)/gen/%.skel.h,$(O)/tools-perf/bpf/%.o,$(BPF_SKEL)): $(O)/tools-perf/bpf/%.o: $(O)/gen/%.skel.h

$(O)/tools-perf/%.o: tools-perf/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(TOOL_CFLAGS) -c -o $@ $<

$(O)/tools-perf/output/page.o: tools-perf/output/page.css tools-perf/output/page.js

$(TOOL): $(TOOL_OBJ) $(LIB_A)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(SANFLAGS) $(LDFLAGS) -o $@ $^ $(pkglibs) -lm

# ---- tests -------------------------------------------------------------------

UNIT_SRC := $(wildcard tests/unit/test_*.c)
UNIT	:= $(UNIT_SRC:%.c=$(O)/%)
WORK_SRC := $(wildcard tests/workloads/*.c)
WORK_LIB := $(patsubst %.c,$(O)/%.so,$(wildcard tests/workloads/lib/*.c))
WORK	:= $(WORK_SRC:%.c=$(O)/%) $(WORK_LIB)
FUZZ_SRC := $(wildcard tests/fuzz/fuzz_*.c)
FUZZ	:= $(FUZZ_SRC:%.c=$(O)/%)
PROG_SRC := $(wildcard tests/programs/*.c)
PROG	:= $(PROG_SRC:%.c=$(O)/%)
BENCH_SRC := $(wildcard tests/bench/*.c)
BENCH	:= $(BENCH_SRC:%.c=$(O)/%)
TEST_COMMON := $(patsubst %.c,$(O)/%.o,$(wildcard tests/lib/*.c))
TOOL_OBJ_NOMAIN = $(filter-out $(TOOL_MAIN),$(TOOL_OBJ))

$(O)/tests/lib/%.o: tests/lib/%.c
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(TOOL_CFLAGS) -Itests/lib -c -o $@ $<

$(O)/tests/unit/%: tests/unit/%.c $(TEST_COMMON) $(TOOL_OBJ_NOMAIN) $(LIB_A)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(TOOL_CFLAGS) -Itests/lib -Isample-parsers -o $@ $< $(TEST_COMMON) $(TOOL_OBJ_NOMAIN) $(LIB_A) -lcmocka $(pkglibs) -lm

# Each of a fuzz driver's files is replayed by tests/fuzz/replay.h's main();
# with clang's fuzzer (make fuzz) that main is left out.
$(O)/tests/fuzz/%: tests/fuzz/%.c $(TEST_COMMON) $(TOOL_OBJ_NOMAIN) $(LIB_A)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(TOOL_CFLAGS) $(FUZZFLAGS) -Itests/lib -o $@ $< $(TEST_COMMON) $(TOOL_OBJ_NOMAIN) $(LIB_A) $(pkglibs) -lm

$(O)/tests/bench/%: tests/bench/%.c $(TEST_COMMON) $(TOOL_OBJ_NOMAIN) $(LIB_A)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(TOOL_CFLAGS) -Itests/lib -o $@ $< $(TEST_COMMON) $(TOOL_OBJ_NOMAIN) $(LIB_A) $(pkglibs) -lm

# What a test script runs to get at a part that no command shows.
$(O)/tests/programs/%: tests/programs/%.c $(TEST_COMMON) $(TOOL_OBJ_NOMAIN) $(LIB_A)
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(TOOL_CFLAGS) -Itests/lib -o $@ $< $(TEST_COMMON) $(TOOL_OBJ_NOMAIN) $(LIB_A) $(pkglibs) -lm

# A workload's own flags stand in its first lines: "/* cflags: -mavx2 */".
$(O)/tests/workloads/%: tests/workloads/%.c tests/workloads/workload.h
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) -std=gnu11 -Wall -Wextra -O2 -g -fno-omit-frame-pointer $$(sed -n 's|^/\* cflags: \(.*\) \*/$$|\1|p' $<) -o $@ $< -lm -lpthread

# What ftz_library loads.
$(O)/tests/workloads/lib/%.so: tests/workloads/lib/%.c
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -std=gnu11 -Wall -Wextra -O2 -g -fPIC -shared -ffast-math -o $@ $< $$($(CC) -print-file-name=crtfastmath.o)

workloads: $(WORK)
fuzzers: $(FUZZ)
test-programs: $(UNIT) $(WORK) $(FUZZ) $(PROG)

# The sanitized twin of everything, for unit tests, fuzz corpora and the
# command line tests.
SAN_O	:= $(O)/san
PROVE	:= prove --exec tests/run-tap
TESTS	:= $(sort $(wildcard tests/cli/*.t tests/golden/*.t tests/fuzz/*.t tests/repo/*.t tests/capture/*.t))
SAN_TESTS := $(sort $(wildcard tests/cli/*.t tests/golden/*.t tests/fuzz/*.t))

deps:
	$(Q).ci/install-deps build test

# Installs first, then builds in a make of its own: what is installed must be
# visible to $(wildcard) and pkg-config.
test: deps
	$(Q)$(MAKE) --no-print-directory all test-programs
	$(Q)$(MAKE) --no-print-directory O=$(SAN_O) SAN=1 all test-programs
	$(Q)$(MAKE) --no-print-directory check

check:
	$(Q)XREGS_BUILD=$(abspath $(O)) XREGS_SAN=$(abspath $(SAN_O)) XREGS_JOBS=2 tests/run-all

kernel-test: deps
	$(Q).ci/install-deps kernel
	$(Q)$(MAKE) --no-print-directory all workloads $(O)/tests/programs/hits_live
	$(Q)O=$(O) prove -v tests/kernel/*.t

demo:
	$(Q).ci/install-deps build demo
	$(Q)$(MAKE) --no-print-directory all workloads
	$(Q)XREGS_BUILD=$(abspath $(O)) tests/demo

bench:
	$(Q).ci/install-deps build test
	$(Q)$(MAKE) --no-print-directory all workloads bench-programs
	$(Q)XREGS_BUILD=$(abspath $(O)) tests/bench/run $(BENCH_ONLY)

bench-programs: $(BENCH)

fuzz:
	$(Q).ci/install-deps build test fuzz
	$(Q)$(MAKE) --no-print-directory O=$(O)/fuzz CC=clang CFLAGS="-O1 -g -fsanitize=fuzzer-no-link" SAN=1 FUZZFLAGS="-fsanitize=fuzzer -DXREGS_LIBFUZZER" fuzzers
	$(Q)XREGS_BUILD=$(abspath $(O)/fuzz) tests/fuzz/run-fuzz

rebless:
	$(Q)$(MAKE) --no-print-directory all test-programs
	$(Q)XREGS_BUILD=$(abspath $(O)) tests/golden/rebless

# ---- install -----------------------------------------------------------------

install: all
	install -d $(DESTDIR)$(bindir) $(DESTDIR)$(libexec) $(DESTDIR)$(libdir)/pkgconfig $(DESTDIR)$(incdir)/xstate $(DESTDIR)$(mandir)/man1 $(DESTDIR)$(compdir)
	install -m 755 $(TOOL) $(DESTDIR)$(bindir)/
	install -m 755 $(AGENT) $(PLUGIN) $(DESTDIR)$(libexec)/
	install -m 644 tools-perf/plugin/xregs.py $(DESTDIR)$(libexec)/
	install -m 644 $(LIB_A) $(DESTDIR)$(libdir)/
	install -m 755 $(LIB_SO) $(DESTDIR)$(libdir)/
	ln -sf libxstate.so.0 $(DESTDIR)$(libdir)/libxstate.so
	sed -e 's|@prefix@|$(PREFIX)|;s|@version@|$(VERSION)|' sample-parsers/xstate.pc.in > $(DESTDIR)$(libdir)/pkgconfig/xstate.pc
	install -m 644 sample-parsers/include/xstate/xstate.h $(DESTDIR)$(incdir)/xstate/
	install -m 644 tools-perf/man/perf-xregs.1 $(DESTDIR)$(mandir)/man1/
	install -m 644 tools-perf/completion/perf-xregs $(DESTDIR)$(compdir)/

clean:
	rm -rf $(O)

.PHONY: all lib tool deps test check kernel-test demo bench bench-programs fuzz fuzzers rebless install clean workloads test-programs
.SECONDARY:

-include $(shell find $(O) -name '*.d' 2>/dev/null)
