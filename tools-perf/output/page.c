/* SPDX-License-Identifier: GPL-2.0-only */
/* Paths are those of a build from the top of the tree, as the Makefile makes it. */
#include "output/page.h"

__asm__(".pushsection .rodata\n"
	".globl page_css, page_js\n"
	"page_css: .incbin \"tools-perf/output/page.css\"\n.byte 0\n"
	"page_js: .incbin \"tools-perf/output/page.js\"\n.byte 0\n"
	".popsection\n");
