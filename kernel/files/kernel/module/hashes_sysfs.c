// SPDX-License-Identifier: GPL-2.0-only
/*
 * /sys/kernel/module_hashes: the root of the tree of all modules, to be
 * compared with what user space has installed.
 */

#include <linux/init.h>
#include <linux/kobject.h>
#include <linux/module_hashes.h>
#include <linux/sysfs.h>

static ssize_t algorithm_show(struct kobject *kobj, struct kobj_attribute *attr,
			      char *buf)
{
	return sysfs_emit(buf, "sha256\n");
}

static struct kobj_attribute algorithm_attr = __ATTR_RO(algorithm);

static ssize_t levels_show(struct kobject *kobj, struct kobj_attribute *attr,
			   char *buf)
{
	return sysfs_emit(buf, "%u\n", module_hashes_root.levels);
}

static struct kobj_attribute levels_attr = __ATTR_RO(levels);

static ssize_t root_show(struct kobject *kobj, struct kobj_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%*phN\n", (int)sizeof(module_hashes_root.hash),
			  module_hashes_root.hash);
}

static struct kobj_attribute root_attr = __ATTR_RO(root);

static const struct attribute *const module_hashes_attrs[] = {
	&algorithm_attr.attr,
	&levels_attr.attr,
	&root_attr.attr,
	NULL
};

static int __init module_hashes_sysfs_init(void)
{
	struct kobject *kobj;
	int err;

	kobj = kobject_create_and_add("module_hashes", kernel_kobj);
	if (!kobj)
		return -ENOMEM;

	err = sysfs_create_files(kobj, module_hashes_attrs);
	if (err)
		kobject_put(kobj);
	return err;
}
late_initcall(module_hashes_sysfs_init);
