/* SPDX-License-Identifier: GPL-2.0-only */
/* Style and script of the page, as they stand in page.css and page.js. */
#ifndef PERF_XREGS_OUTPUT_PAGE_H
#define PERF_XREGS_OUTPUT_PAGE_H

extern const char page_css[], page_js[];

#endif
