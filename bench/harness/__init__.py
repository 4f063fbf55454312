# SPDX-License-Identifier: LGPL-2.1-or-later
"""What bench/run consists of: inputs, measuring, goals, report."""
