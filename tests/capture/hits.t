#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# record --filter in the kernel: what passes of one event is what the filter
# lets pass of another that counts the same page faults.
exec "${XREGS_BUILD:-$(dirname "$0")/../../build}/tests/programs/hits_live"
