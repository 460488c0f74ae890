#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# The negative control: mistakes made on purpose through lkdtm. The host fails
# when it does not notice each of them. The last one ends the guest.
provoke() {
	echo "$1" >/sys/kernel/debug/provoke-crash/DIRECT
}
echo 1..2
[ -w /sys/kernel/debug/provoke-crash/DIRECT ] || echo "Bail out! no lkdtm"
provoke WARNING
echo ok 1 - a warning was provoked
provoke READ_AFTER_FREE
echo not ok 2 - a failing test
provoke ARRAY_BOUNDS
sleep 1
provoke PANIC
