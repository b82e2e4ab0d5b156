# What a newcomer runs, and the gates that are no tests.
EXTRA_DIST += .clang-tidy contrib/deps contrib/try contrib/build contrib/check contrib/picture .ci/run \
	contrib/lint/check-layers contrib/lint/check-source \
	contrib/lint/check-complexity contrib/lint/check-words contrib/lint/clang-tidy

.PHONY: lint update-potfiles check-asan check-valgrind coverage
lint:
	$(top_srcdir)/contrib/lint/check-layers $(top_srcdir)
	$(top_srcdir)/contrib/lint/check-source $(top_srcdir)
	$(top_srcdir)/contrib/lint/check-complexity $(top_srcdir)
	$(top_srcdir)/contrib/lint/check-words $(top_srcdir)
	cppcheck --quiet --std=c11 --language=c --enable=warning,performance,portability \
		--inline-suppr --suppress=missingIncludeSystem --suppress=uninitvar --error-exitcode=1 \
		-D_GNU_SOURCE -DPACKAGE_VERSION='""' '-Djson_array_foreach(a,i,v)=while ((v = json_array_get(a, i)))' \
		'-Djson_object_foreach(o,k,v)=while ((v = json_object_get(o, k)))' \
		-I $(top_srcdir)/src -I $(top_builddir) -j 2 $(top_srcdir)/src
	$(top_srcdir)/contrib/lint/clang-tidy $(top_srcdir) $(abs_top_builddir)

# The files with text for people, written anew into po/POTFILES.in.
update-potfiles:
	cd $(top_srcdir) && { echo '# Files with text for people (make update-potfiles).'; \
		grep -rlE '[^A-Za-z0-9_](_|N_|ngettext)\("' src --include='*.c' | LC_ALL=C sort; } > po/POTFILES.in

check-asan:
	$(top_srcdir)/contrib/build $(abs_top_builddir)/asan --enable-werror --enable-sanitizers CFLAGS='-O1 -g'
	$(MAKE) -C asan check

# Unit tests under valgrind: definite leaks and every bad access fail, and so does one that hangs.
VALGRIND_SECONDS = 300
check-valgrind: all $(check_PROGRAMS)
	@bad=0; for t in $(check_PROGRAMS); do \
		case " $(TESTS) " in *" $$t "*) ;; *) continue;; esac; \
		top_srcdir='$(abs_top_srcdir)' top_builddir='$(abs_top_builddir)' LC_ALL=C.UTF-8 \
		timeout $(VALGRIND_SECONDS) valgrind -q --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite \
			--error-exitcode=9 ./$$t >$$t.valgrind 2>&1 && echo "ok $$t" || { bad=1; echo "FAILED $$t (see $$t.valgrind)"; }; \
	done; exit $$bad

coverage:
	$(top_srcdir)/contrib/build $(abs_top_builddir)/coverage --enable-coverage CFLAGS=-g
	-$(MAKE) -C coverage check
	top=$$(cd $(top_srcdir) && pwd -P) && \
		gcovr --root "$$top" --filter "$$top/src/" --branches --print-summary coverage | tail -n 200

.PHONY: print-cflags
print-cflags:
	@printf '%s ' -std=gnu11 -D_GNU_SOURCE -I$(abs_top_srcdir)/src -I$(abs_top_builddir) \
		'-DLOCALEDIR="x"' '-DLIBEXECDIR="x"' '-DBINDIR="x"' '-DSYSCONFDIR="x"' \
		$(UV_CFLAGS) $(LWS_CFLAGS) $(CURL_CFLAGS) $(JANSSON_CFLAGS) $(SQLITE_CFLAGS) $(CURSES_CFLAGS) \
		$(READLINE_CFLAGS) $(UTF8PROC_CFLAGS) $(MD4C_CFLAGS) $(INIH_CFLAGS) $(SODIUM_CFLAGS) $(SYSTEMD_CFLAGS)

.PHONY: update-po
update-po: update-potfiles
	$(MAKE) -C po update-po
