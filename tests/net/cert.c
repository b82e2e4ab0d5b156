/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates, through OpenSSL. */
#include "net/cert.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

static FILE *
open_for_writing(const char *dir, const char *name, const char *ending)
{
	char path[512];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s.%s", dir, name, ending);
	f = fopen(path, "w");
	assert_non_null(f);
	return f;
}

static void
add_alt(X509 *x, const char *alt)
{
	X509V3_CTX ctx;
	X509_EXTENSION *ext;

	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	ext = X509V3_EXT_conf_nid(NULL, &ctx, NID_subject_alt_name, alt);
	assert_non_null(ext);
	X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
}

void
cert_make(const char *dir, const char *name, const char *alt, int from_days, int to_days)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509_NAME *subject;
	FILE *f;

	assert_non_null(key);
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), (long)from_days * 86400);
	X509_gmtime_adj(X509_getm_notAfter(x), (long)to_days * 86400);
	X509_set_pubkey(x, key);
	subject = X509_get_subject_name(x);
	X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1,
			-1, 0);
	X509_set_issuer_name(x, subject);
	add_alt(x, alt);
	assert_true(X509_sign(x, key, EVP_sha256()) > 0);
	f = open_for_writing(dir, name, "crt");
	PEM_write_X509(f, x);
	fclose(f);
	f = open_for_writing(dir, name, "key");
	PEM_write_PrivateKey(f, key, NULL, NULL, 0, NULL, NULL);
	fclose(f);
	X509_free(x);
	EVP_PKEY_free(key);
}
