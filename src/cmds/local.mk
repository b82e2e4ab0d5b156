# src/cmds: one file a command, the options table, and what they share.
noinst_LIBRARIES += src/libcmds.a
src_libcmds_a_SOURCES = src/cmds/cmd.h src/cmds/cmds.c src/cmds/run.c \
	src/cmds/accounts.c src/cmds/accounts.h src/cmds/chatlog.c src/cmds/chatlog.h \
	src/cmds/chatlog-irssi.c src/cmds/chatlog-jsonl.c src/cmds/chatlog-weechat.c \
	 src/cmds/follow.c src/cmds/follow.h \
	src/cmds/globals.c src/cmds/globals.h src/cmds/highlight.c src/cmds/highlight.h src/cmds/history.c src/cmds/history.h \
	src/cmds/lines.c src/cmds/lines.h src/cmds/manual.c src/cmds/manual.h src/cmds/options.c src/cmds/options.h \
	src/cmds/page.c src/cmds/page.h src/cmds/page-html.c src/cmds/page-markdown.c \
	src/cmds/print.c src/cmds/print.h src/cmds/sending.c src/cmds/sending.h \
	src/cmds/settings.c src/cmds/settings.h src/cmds/target.c src/cmds/target.h \
	src/cmds/walk.c src/cmds/walk.h src/cmds/which.c src/cmds/which.h \
	src/cmds/cmd-account.c src/cmds/cmd-change.c src/cmds/cmd-completion.c \
	src/cmds/cmd-config.c src/cmds/cmd-doctor.c src/cmds/doctor.c src/cmds/doctor.h \
	src/cmds/cmd-engine.c src/cmds/cmd-export.c src/cmds/cmd-help.c src/cmds/cmd-import.c \
	src/cmds/cmd-log.c \
	src/cmds/cmd-members.c src/cmds/cmd-outbox.c src/cmds/cmd-read.c src/cmds/cmd-room.c \
	src/cmds/cmd-rooms.c src/cmds/cmd-search.c src/cmds/cmd-send.c src/cmds/cmd-status.c \
	src/cmds/cmd-sync.c src/cmds/cmd-tail.c src/cmds/cmd-text.c \
	src/cmds/cmd-verify.c

# Completions for shells, printed by the program itself.
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
bashcompletion_DATA = contrib/completions/stonechat
zshcompletion_DATA = contrib/completions/_stonechat
fishcompletion_DATA = contrib/completions/stonechat.fish
CLEANFILES += $(bashcompletion_DATA) $(zshcompletion_DATA) $(fishcompletion_DATA)
completion = $(AM_V_GEN)mkdir -p contrib/completions; LC_ALL=C STONECHAT_CONFIG= \
	STONECHAT_ACCOUNT= src/stonechat --data contrib/none completion
contrib/completions/stonechat: src/stonechat
	$(completion) bash >$@
contrib/completions/_stonechat: src/stonechat
	$(completion) zsh >$@
contrib/completions/stonechat.fish: src/stonechat
	$(completion) fish >$@
