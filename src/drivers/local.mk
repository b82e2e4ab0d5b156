# src/drivers: see src/LAYERS for what it may include.
noinst_LIBRARIES += src/libdrivers.a
src_libdrivers_a_SOURCES = \
	src/drivers/driver.h \
	src/drivers/drivers.c \
	src/drivers/drv-native.c \
	src/drivers/native-in.c \
	src/drivers/native.h
