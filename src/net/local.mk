# src/net: see src/LAYERS for what it may include.
noinst_LIBRARIES += src/libnet.a
src_libnet_a_SOURCES = \
	src/net/http.c src/net/http.h src/net/http_impl.h \
	src/net/http_pool.c \
	src/net/listen.c src/net/listen.h \
	src/net/tls.c src/net/tls.h \
	src/net/ws.c src/net/ws.h src/net/ws_impl.h \
	src/net/ws_client.c \
	src/net/ws_net.c \
	src/net/ws_server.c \
	src/net/ws_url.c src/net/ws_url.h

# What a program links with when it links src/libnet.a.
net_libs = src/libnet.a src/libloop.a $(LWS_LIBS) $(CURL_LIBS) $(OPENSSL_LIBS) $(UV_LIBS) $(base_libs)
