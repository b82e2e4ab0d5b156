# src/store: see src/LAYERS for what it may include.
noinst_LIBRARIES += src/libstore.a
src_libstore_a_SOURCES = \
	src/store/apply.c src/store/apply.h \
	src/store/check.c src/store/check.h \
	src/store/fold.c src/store/import.c \
	src/store/place.c src/store/place.h \
	src/store/read.h \
	src/store/read_sql.c \
	src/store/reader.c src/store/reader.h \
	src/store/records.c \
	src/store/rows.c \
	src/store/salvage.c src/store/salvage.h \
	src/store/schema.c src/store/schema.h \
	src/store/search.c \
	src/store/spread.c src/store/spread.h \
	src/store/sql.c \
	src/store/state.c src/store/state.h \
	src/store/words.c \
	src/store/writer.c src/store/writer.h

# What a program links with when it links src/libstore.a.
store_libs = src/libstore.a src/libmodel.a $(sql_libs)
