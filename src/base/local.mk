# src/base: see src/LAYERS for what it may include.
noinst_LIBRARIES += src/libbase.a
src_libbase_a_SOURCES = \
	src/base/args.c src/base/args.h \
	src/base/arr.c src/base/arr.h \
	src/base/buf.c src/base/buf.h \
	src/base/clock.c src/base/clock.h \
	src/base/conf.c src/base/conf.h \
	src/base/conf_check.c src/base/conf_check.h \
	src/base/conf_edit.c \
	src/base/err.c src/base/err.h \
	src/base/i18n.c src/base/i18n.h \
	src/base/id.c src/base/id.h \
	src/base/json.c src/base/json.h \
	src/base/log.c src/base/log.h \
	src/base/map.c src/base/map.h \
	src/base/mem.c src/base/mem.h \
	src/base/path.c src/base/path.h \
	src/base/paths.c \
	src/base/text.c src/base/text.h \
	src/base/text_class.c src/base/text_class.h \
	src/base/text_width.c \
	src/base/utf8.c src/base/utf8.h \
	src/base/words.c src/base/zone.c src/base/zone.h

# What a program links with when it links src/libbase.a.
base_libs = src/libbase.a $(JANSSON_LIBS) $(UTF8PROC_LIBS) $(INIH_LIBS) $(SODIUM_LIBS)
