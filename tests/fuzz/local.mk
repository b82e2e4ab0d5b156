# The libFuzzer targets: configure --enable-fuzzers CC=clang, then "make fuzz". To add one, copy a
# block and rename it. What a target finds goes into the unit test of its room, as a case.
.PHONY: fuzz
if FUZZERS
fuzz_programs =
FUZZ_SECONDS = 60

fuzz_programs += tests/fuzz/fuzz_conf
tests_fuzz_fuzz_conf_SOURCES = tests/fuzz/fuzz_conf.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_conf_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_conf_LDADD = $(base_libs)

fuzz_programs += tests/fuzz/fuzz_chatlog
tests_fuzz_fuzz_chatlog_SOURCES = tests/fuzz/fuzz_chatlog.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_chatlog_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_chatlog_LDADD = src/libcmds.a src/libmodel.a $(base_libs)

fuzz_programs += tests/fuzz/fuzz_json
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_json_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_json_LDADD = $(base_libs)

fuzz_programs += tests/fuzz/fuzz_text
tests_fuzz_fuzz_text_SOURCES = tests/fuzz/fuzz_text.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_text_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_text_LDADD = $(base_libs)

fuzz_programs += tests/fuzz/fuzz_words
tests_fuzz_fuzz_words_SOURCES = tests/fuzz/fuzz_words.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_words_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_words_LDADD = $(base_libs)

fuzz_programs += tests/fuzz/fuzz_wire
tests_fuzz_fuzz_wire_SOURCES = tests/fuzz/fuzz_wire.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_wire_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_wire_LDADD = src/libwire.a src/libmodel.a $(base_libs)
# It begins with the frames of the wire cases.
fuzz: tests/fuzz/fuzz_wire.seeded
tests/fuzz/fuzz_wire.seeded: $(wire_cases)
	@mkdir -p tests/fuzz/fuzz_wire.corpus
	@for f in $(wire_cases); do cat $(top_srcdir)/$$f; done | $(AWK) '/^< / { \
		f = "tests/fuzz/fuzz_wire.corpus/case" ++n; \
		printf "%s", substr($$0, 3) >f; close(f) }'
	@touch $@

fuzz_programs += tests/fuzz/fuzz_control
tests_fuzz_fuzz_control_SOURCES = tests/fuzz/fuzz_control.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_control_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_control_LDADD = src/libcontrol.a src/libloop.a src/libmodel.a $(UV_LIBS) \
	$(base_libs)
# It begins with one line of every sort.
fuzz: tests/fuzz/fuzz_control.seeded
tests/fuzz/fuzz_control.seeded: tests/data/control.lines
	@mkdir -p tests/fuzz/fuzz_control.corpus
	@$(AWK) '{ f = "tests/fuzz/fuzz_control.corpus/line" NR; printf "%s", $$0 >f; close(f) }' \
		$(top_srcdir)/tests/data/control.lines
	@touch $@

fuzz_programs += tests/fuzz/fuzz_keyboard
tests_fuzz_fuzz_keyboard_SOURCES = tests/fuzz/fuzz_keyboard.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_keyboard_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_keyboard_LDADD = src/libterm.a $(base_libs)

fuzz_programs += tests/fuzz/fuzz_screen
tests_fuzz_fuzz_screen_SOURCES = tests/fuzz/fuzz_screen.c tests/fuzz/fuzz.h
tests_fuzz_fuzz_screen_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_screen_LDADD = src/libui.a src/libmodel.a $(base_libs)

EXTRA_PROGRAMS += $(fuzz_programs)

# Each target for FUZZ_SECONDS; what it learnt is kept beside it in the build folder.
fuzz: $(fuzz_programs)
	@bad=0; for f in $(fuzz_programs); do \
		mkdir -p $$f.corpus; \
		./$$f -max_total_time=$(FUZZ_SECONDS) -timeout=5 -rss_limit_mb=1024 \
			-artifact_prefix=$$f. -print_final_stats=1 $$f.corpus >$$f.log 2>&1 && \
		echo "ok $$f: $$(sed -n 's/^stat::number_of_executed_units: *//p' $$f.log) runs" || \
		{ bad=1; echo "FAILED $$f"; tail -n 40 $$f.log; }; \
	done; exit $$bad
else
fuzz:
	@echo 'configure with --enable-fuzzers CC=clang first' >&2; exit 1
endif
