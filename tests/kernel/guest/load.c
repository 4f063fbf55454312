/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Loads a module and prints what the kernel said: "ok" or the name of an errno.
 * (The usual tools turn the number into words, and kmod retries.)
 *
 *   load [--buffer] [--ignore-vermagic] [--ignore-modversions] [--compressed] FILE
 *
 * With --buffer, the bytes are handed over by init_module(2), which is what
 * kmod does with a module that it has decompressed itself.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/module.h>

#ifndef MODULE_INIT_COMPRESSED_FILE
#define MODULE_INIT_COMPRESSED_FILE 4
#endif

static long load_buffer(int fd)
{
	struct stat st;
	char *bytes;

	if (fstat(fd, &st) || !(bytes = malloc((size_t)st.st_size + 1)))
		return -1;
	if (read(fd, bytes, (size_t)st.st_size) != st.st_size)
		return -1;
	return syscall(SYS_init_module, bytes, (unsigned long)st.st_size, "");
}

int main(int argc, char **argv)
{
	const char *file = NULL;
	int buffer = 0, flags = 0, fd;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--buffer"))
			buffer = 1;
		else if (!strcmp(argv[i], "--ignore-vermagic"))
			flags |= MODULE_INIT_IGNORE_VERMAGIC;
		else if (!strcmp(argv[i], "--ignore-modversions"))
			flags |= MODULE_INIT_IGNORE_MODVERSIONS;
		else if (!strcmp(argv[i], "--compressed"))
			flags |= MODULE_INIT_COMPRESSED_FILE;
		else
			file = argv[i];
	}

	fd = file ? open(file, O_RDONLY) : -1;
	if (fd < 0) {
		puts("no-such-file");
		return 2;
	}
	if (buffer ? load_buffer(fd) : syscall(SYS_finit_module, fd, "", flags)) {
		puts(strerrorname_np(errno));
		return 1;
	}
	puts("ok");
	return 0;
}
