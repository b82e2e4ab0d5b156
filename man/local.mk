# man. The references in stonechat(1) and stonechat.conf(5), and the exit statuses, are made from
# the tables of commands and options, by the program itself.
dist_man_MANS += man/stonechatd.8
nodist_man_MANS = man/stonechat.1 man/stonechat.conf.5 man/stonechat-protocol.7
EXTRA_DIST += man/stonechat.1.in man/stonechat.conf.5.in man/stonechat-protocol.7.in
CLEANFILES += $(nodist_man_MANS) man/globals.part man/commands.part man/exit.part \
	man/options.part

make_manual = mkdir -p man; \
	insert() { LC_ALL=C STONECHAT_CONFIG= STONECHAT_ACCOUNT= src/stonechat --data man/none \
		help --mdoc "$$1" >man/$$1.part || exit 1; }; \
	insert globals; insert commands; insert exit; insert options; \
	sed -e '/^@GLOBALS@$$/{r man/globals.part' -e 'd;}' -e '/^@COMMANDS@$$/{r man/commands.part' \
		-e 'd;}' -e '/^@EXIT@$$/{r man/exit.part' -e 'd;}' \
		-e '/^@OPTIONS@$$/{r man/options.part' -e 'd;}'

man/stonechat.1: $(srcdir)/man/stonechat.1.in src/stonechat
	$(AM_V_GEN)$(make_manual) $(srcdir)/man/stonechat.1.in >$@
man/stonechat.conf.5: $(srcdir)/man/stonechat.conf.5.in src/stonechat man/stonechat.1
	$(AM_V_GEN)$(make_manual) $(srcdir)/man/stonechat.conf.5.in >$@
man/stonechat-protocol.7: $(srcdir)/man/stonechat-protocol.7.in src/stonechat man/stonechat.conf.5
	$(AM_V_GEN)$(make_manual) $(srcdir)/man/stonechat-protocol.7.in >$@
