#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Usage: modproof-version.sh modproof
#
# Prints modproof's version as one number, 10203 for 1.2.3, or 0 if there is
# no such program.

version=$("$@" --version 2>/dev/null | sed -n '1s/^modproof \([0-9.]*\).*/\1/p')

IFS=.
# shellcheck disable=SC2086 # split at the dots
set -- $version
echo $((${1:-0} * 10000 + ${2:-0} * 100 + ${3:-0}))
