# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the kernel tests are made of: a source, a build, modules to break, a guest to load them."""
