/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates made on the spot: self-signed, for a name or number, good, expired or early. */
#ifndef TESTS_NET_CERT_H
#define TESTS_NET_CERT_H

/* Writes DIR/NAME.crt and DIR/NAME.key. alt is a subjectAltName ("DNS:localhost,IP:127.0.0.1");
 * valid from now + from_days to now + to_days. */
void cert_make(const char *dir, const char *name, const char *alt, int from_days, int to_days);

#endif
