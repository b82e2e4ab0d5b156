/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates, versions and reasons, with OpenSSL. */
#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/i18n.h"

bool
tls_check_cafile(const char *cafile, struct err *err)
{
	X509_STORE *store = X509_STORE_new();
	bool ok = store && X509_STORE_load_file(store, cafile) == 1;

	X509_STORE_free(store);
	ERR_clear_error();
	return ok || err_set(err, ERR_NETWORK, _("no certificate can be read from %s"), cafile);
}

bool
tls_check_pair(const char *cert, const char *key, struct err *err)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
	const char *bad = NULL, *reason;

	if (!ctx || SSL_CTX_use_certificate_chain_file(ctx, cert) != 1)
		bad = cert;
	else if (SSL_CTX_use_PrivateKey_file(ctx, key, SSL_FILETYPE_PEM) != 1)
		bad = key;
	SSL_CTX_free(ctx);
	reason = tls_last_reason();
	if (bad)
		err_set(err, ERR_USAGE, _("cannot use %s for TLS: %s"), bad,
				reason ? reason : _("not a PEM file"));
	ERR_clear_error();
	return !bad;
}

void
tls_set_up(void *ssl_ctx)
{
	SSL_CTX_set_min_proto_version(ssl_ctx, TLS1_2_VERSION);
	SSL_CTX_set_tlsext_servername_callback(ssl_ctx, NULL);
}

bool
tls_check_peer(void *x509_store_ctx, bool is_good, const char *ip, struct err *err)
{
	int code = X509_STORE_CTX_get_error(x509_store_ctx);

	if (is_good && ip && X509_STORE_CTX_get_error_depth(x509_store_ctx) == 0
			&& X509_check_ip_asc(X509_STORE_CTX_get_current_cert(x509_store_ctx), ip,
					0) != 1) {
		code = X509_V_ERR_IP_ADDRESS_MISMATCH;
		is_good = false;
	}
	return is_good || err_set(err, ERR_NETWORK, _("the server's certificate is refused: %s"),
			X509_verify_cert_error_string(code));
}

const char *
tls_last_reason(void)
{
	unsigned long code = ERR_peek_error();

	if (ERR_SYSTEM_ERROR(code))
		return strerror(ERR_GET_REASON(code));
	return code ? ERR_reason_error_string(code) : NULL;
}
