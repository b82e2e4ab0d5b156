# src/model: see src/LAYERS for what it may include.
noinst_LIBRARIES += src/libmodel.a
src_libmodel_a_SOURCES = \
	src/model/batch.c src/model/batch.h \
	src/model/body.h \
	src/model/code.c src/model/code.h \
	src/model/encode.c src/model/encode.h \
	src/model/event.c src/model/event.h \
	src/model/find.c \
	src/model/message.h \
	src/model/peek.c src/model/peek.h \
	src/model/model.c src/model/model.h \
	src/model/record.c src/model/record.h \
	src/model/row.c src/model/row.h \
	src/model/saved.h \
	src/model/window.c src/model/window.h
