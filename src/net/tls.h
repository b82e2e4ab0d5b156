/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The few words with OpenSSL that its users here leave to us. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* Certificates can be read from cafile; else ERR_NETWORK and a sentence that names it. */
bool tls_check_cafile(const char *cafile, struct err *err);
/* A server can show the certificate of cert with the key of key; else ERR_USAGE names the file and
 * says why not. */
bool tls_check_pair(const char *cert, const char *key, struct err *err);
/* Settings for every SSL_CTX: TLS 1.2 at least; a server's takes no other name's certificate. */
void tls_set_up(void *ssl_ctx);
/* Inside a verify callback (X509_STORE_CTX): true if the certificate in hand is good and, when
 * it is the peer's own and ip is not NULL, is made out to that number. Else err (ERR_NETWORK) says
 * why. */
bool tls_check_peer(void *x509_store_ctx, bool is_good, const char *ip, struct err *err);
/* What OpenSSL complained of first, on this thread, as words; NULL when it did not. */
const char *tls_last_reason(void);

#endif
