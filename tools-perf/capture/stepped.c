/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A uprobe's signal comes when the instruction at the probe has run: the kernel
 * steps or emulates it first, and holds signals back meanwhile
 * [kernel/events/uprobes.c: uprobe_deny_signal()]. What it writes is then no
 * longer what was there at the hit.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
#include <Zydis/Zydis.h>

#include "capture/capture.h"

/* Of registers that hold values or arguments; the stack's and the flags do not count. */
static bool register__matters(ZydisRegister r)
{
	static const ZydisRegister arguments[] = {
		ZYDIS_REGISTER_RDI, ZYDIS_REGISTER_RSI, ZYDIS_REGISTER_RDX, ZYDIS_REGISTER_RCX,
		ZYDIS_REGISTER_R8, ZYDIS_REGISTER_R9, ZYDIS_REGISTER_MXCSR,
	};
	ZydisRegisterClass c = ZydisRegisterGetClass(r);
	size_t i;

	if (c == ZYDIS_REGCLASS_XMM || c == ZYDIS_REGCLASS_YMM || c == ZYDIS_REGCLASS_ZMM || c == ZYDIS_REGCLASS_MASK)
		return true;
	for (i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++)
		if (ZydisRegisterGetLargestEnclosing(ZYDIS_MACHINE_MODE_LONG_64, r) == arguments[i])
			return true;
	return false;
}

static bool insn__writes(const ZydisDecodedInstruction *z, const ZydisDecodedOperand *op)
{
	unsigned int i;

	/* a jump: nothing would tell where it came from */
	if (z->meta.branch_type != ZYDIS_BRANCH_TYPE_NONE)
		return true;
	/* vzeroupper, vzeroall, xrstor: what they write is no operand */
	if (z->mnemonic == ZYDIS_MNEMONIC_VZEROUPPER || z->mnemonic == ZYDIS_MNEMONIC_VZEROALL ||
	    z->mnemonic == ZYDIS_MNEMONIC_XRSTOR || z->mnemonic == ZYDIS_MNEMONIC_LDMXCSR)
		return true;
	for (i = 0; i < z->operand_count; i++)
		if (op[i].type == ZYDIS_OPERAND_TYPE_REGISTER && op[i].actions & ZYDIS_OPERAND_ACTION_MASK_WRITE &&
		    register__matters(op[i].reg.value))
			return true;
	return false;
}

static bool insn__decode_at(const struct event *ev, ZydisDecodedInstruction *z, ZydisDecodedOperand *op)
{
	int fd = open(ev->object, O_RDONLY | O_CLOEXEC);
	uint8_t bytes[ZYDIS_MAX_INSTRUCTION_LENGTH];
	ssize_t n = fd < 0 ? 0 : pread(fd, bytes, sizeof(bytes), ev->config2);
	ZydisDecoder d;

	if (fd >= 0)
		close(fd);
	return n > 0 && ZYAN_SUCCESS(ZydisDecoderInit(&d, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64)) &&
	       ZYAN_SUCCESS(ZydisDecoderDecodeFull(&d, bytes, n, z, op));
}

int stepped__check(struct event *ev, struct err *e)
{
	ZydisDecodedOperand op[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction z;
	ZydisFormatter f;
	char text[96] = "";

	if (ev->retprobe || !insn__decode_at(ev, &z, op))
		return 0;
	ev->stepped = z.length;
	if (!insn__writes(&z, op))
		return 0;
	if (ZYAN_SUCCESS(ZydisFormatterInit(&f, ZYDIS_FORMATTER_STYLE_INTEL)))
		ZydisFormatterFormatInstruction(&f, &z, op, z.operand_count_visible, text, sizeof(text),
						ev->address, NULL);
	return err__usage(e, "cannot record event '%s' by sigtrap: the instruction there, '%s', writes registers or jumps before the signal comes; use brk:FILE:SYMBOL, which stops before it",
			  ev->name, text);
}
