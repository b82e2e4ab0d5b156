# src/sql: see src/LAYERS for what it may include.
noinst_LIBRARIES += src/libsql.a
src_libsql_a_SOURCES = \
	src/sql/copy.c \
	src/sql/inside.h \
	src/sql/mark.c src/sql/mark.h \
	src/sql/mend.c src/sql/mend.h \
	src/sql/query.c \
	src/sql/schema.c src/sql/schema.h \
	src/sql/sql.c src/sql/sql.h

# What a program links with when it links src/libsql.a, besides base_libs.
sql_libs = src/libsql.a $(SQLITE_LIBS)
