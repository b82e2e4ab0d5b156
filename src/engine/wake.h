/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Notices that the machine slept, or that its network changed, without a timer that ticks. */
#ifndef ENGINE_WAKE_H
#define ENGINE_WAKE_H

struct loop;
struct wake;

/* woke runs soon after either; bursts are merged. What the kernel does not offer is not watched.
 * Never NULL. */
struct wake *wake_start(struct loop *loop, void (*woke)(void *arg), void *arg);
void wake_stop(struct wake *w);		/* NULL is fine */

#endif
