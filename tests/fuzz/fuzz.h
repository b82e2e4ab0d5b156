/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the fuzz targets share: the entry point, and a check that stays on. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What must hold for every input; the fuzzer reports the input that breaks it. */
#define must(fact) ((fact) ? (void)0 : abort())

#endif
