/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The input line: readline without its terminal. It is fed bytes through its own getc function,
 * never draws, never touches the terminal's modes, catches no signal. In plain mode it draws, and
 * sets the terminal so that each key comes at once. */
#include "term/line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/arr.h"
#include "base/mem.h"
#include "term/history.h"

#define CANDIDATES_MAX 1000
#define CTRL_G "\007"

struct line {
	struct line_conf conf;
	char *history;
	const char *feed;		/* what rl_getc_function still has to give */
	size_t feed_n;
	FILE *nowhere;
	char *accepted;			/* readline ended the line by a key of its own */
	char *prompt;
	bool is_offering;
	bool is_accepting;		/* plain mode: nothing is being typed */
};

/* readline calls back without an argument. */
static struct line *the_line;

static int
next_byte(FILE *in)
{
	(void)in;
	if (the_line->feed_n == 0)
		return EOF;
	the_line->feed_n--;
	return (unsigned char)*the_line->feed++;
}

static int
has_bytes(void)
{
	return the_line->feed_n > 0;
}

static void
draw_nothing(void)
{
}

/* accept-line from a key of readline's (an operate-and-get-next, a vi binding): the text is put
 * back, since the line is cleared only when it is safely away. */
static void
accepted(char *text)
{
	if (the_line->conf.accept) {
		the_line->is_accepting = true;
		the_line->conf.accept(the_line->conf.arg, text);
		the_line->is_accepting = false;
		free(text);
		return;
	}
	free(the_line->accepted);
	the_line->accepted = text ? text : xstrdup("");
}

struct candidates { arr(char *) words; size_t max; };

static void
add_candidate(void *arg, const char *word)
{
	struct candidates *c = arg;

	if (c->words.n <= c->max)
		arr_push(&c->words, xstrdup(word));
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The longest start that words[n] (n >= 1) have in common. */
static char *
common_start(char *const *words, size_t n)
{
	size_t len = strlen(words[0]);

	for (size_t i = 1; i < n; i++) {
		size_t k = 0;

		while (k < len && words[i][k] == words[0][k])
			k++;
		len = k;
	}
	while (len > 0 && ((unsigned char)words[0][len] & 0xc0) == 0x80)
		len--;
	return xstrndup(words[0], len);
}

/* readline wants: the common start, then the candidates if there are several, then NULL; all of
 * it its own. */
static char **
complete(const char *text, int start, int end)
{
	struct candidates c = { .max = CANDIDATES_MAX };
	(void)text;

	rl_attempted_completion_over = 1;
	if (!the_line->conf.complete)
		return NULL;
	arr_push(&c.words, NULL);
	the_line->conf.complete(the_line->conf.arg, rl_line_buffer, start, end, add_candidate, &c);
	if (c.words.n == 1) {
		arr_done(&c.words);
		return NULL;
	}
	if (c.words.n == 2) {
		c.words.v[0] = c.words.v[1];
		c.words.v[1] = NULL;
		return c.words.v;
	}
	qsort(c.words.v + 1, c.words.n - 1, sizeof *c.words.v, compare);
	c.words.v[0] = common_start(c.words.v + 1, c.words.n - 1);
	arr_push(&c.words, NULL);
	return c.words.v;
}

static void
offer(char **matches, int n, int longest)
{
	(void)longest;
	if (!the_line->conf.offer)
		return;
	the_line->conf.offer(the_line->conf.arg, (const char *const *)(matches + 1), n);
	the_line->is_offering = true;
}

static void
set_up_readline(struct line *l)
{
	rl_readline_name = "stonechat";
	rl_catch_signals = 0;
	rl_catch_sigwinch = 0;
	rl_change_environment = 0;
	rl_getc_function = next_byte;
	rl_input_available_hook = has_bytes;
	rl_redisplay_function = l->conf.accept ? rl_redisplay : draw_nothing;
	rl_prep_term_function = l->conf.accept ? rl_prep_terminal : NULL;
	rl_deprep_term_function = l->conf.accept ? rl_deprep_terminal : NULL;
	rl_attempted_completion_function = complete;
	rl_completion_display_matches_hook = offer;
	rl_completer_word_break_characters = " \t\n";
	rl_completer_quote_characters = "";
	rl_completion_query_items = -1;
	rl_instream = l->conf.accept ? stdin : l->nowhere;
	rl_outstream = l->conf.accept ? stdout : l->nowhere;
}

static void
remember_loaded(void *arg, const char *text)
{
	(void)arg;
	add_history(text);
}

struct line *
line_new(const struct line_conf *conf)
{
	struct line *l = xcalloc(1, sizeof *l);

	l->conf = *conf;
	l->history = xstrdup(conf->history);
	l->nowhere = fopen("/dev/null", "r+e");
	the_line = l;
	set_up_readline(l);
	l->prompt = xstrdup(conf->prompt ? conf->prompt : "");
	rl_callback_handler_install(l->prompt, accepted);
	rl_variable_bind("show-all-if-ambiguous", "on");
	rl_bind_keyseq_if_unbound("\033[3~", rl_delete);
	rl_bind_keyseq_if_unbound("\033[1~", rl_beg_of_line);
	rl_bind_keyseq_if_unbound("\033[4~", rl_end_of_line);
	rl_bind_keyseq_if_unbound("\033[1;5C", rl_forward_word);
	rl_bind_keyseq_if_unbound("\033[1;5D", rl_backward_word);
	using_history();
	stifle_history(LINE_HISTORY_MAX);
	if (l->history)
		history_load(l->history, remember_loaded, NULL);
	using_history();
	return l;
}

void
line_free(struct line *l)
{
	if (!l)
		return;
	rl_callback_handler_remove();
	clear_history();
	rl_instream = rl_outstream = NULL;
	if (l->nowhere)
		fclose(l->nowhere);
	free(l->accepted);
	free(l->prompt);
	free(l->history);
	free(l);
	the_line = NULL;
}

static void
end_offer(struct line *l)
{
	if (l->is_offering && l->conf.offer)
		l->conf.offer(l->conf.arg, NULL, 0);
	l->is_offering = false;
}

void
line_feed(struct line *l, const char *p, size_t n)
{
	char *before;
	size_t caret;

	if (rl_end + n > LINE_MAX_BYTES)
		return;
	end_offer(l);
	before = xstrdup(rl_line_buffer);
	caret = rl_point;
	l->feed = p;
	l->feed_n = n;
	while (l->feed_n > 0 && !l->accepted)
		rl_callback_read_char();
	l->feed_n = 0;
	if (l->accepted) {
		if (*l->accepted)
			line_set(l, l->accepted, strlen(l->accepted));
		else
			line_set(l, before, caret);
		free(l->accepted);
		l->accepted = NULL;
	}
	free(before);
}

bool
line_insert(struct line *l, const char *p, size_t n)
{
	char *text;

	if (rl_end + n > LINE_MAX_BYTES)
		return false;
	end_offer(l);
	line_end_search(l);
	text = xstrndup(p, n);
	rl_begin_undo_group();
	rl_insert_text(text);
	rl_end_undo_group();
	free(text);
	return true;
}

void
line_set(struct line *l, const char *text, size_t caret)
{
	end_offer(l);
	line_end_search(l);
	rl_replace_line(text, 1);
	rl_point = caret < (size_t)rl_end ? (int)caret : rl_end;
	rl_mark = 0;
	using_history();
}

const char *
line_text(const struct line *l)
{
	(void)l;
	return rl_line_buffer;
}

size_t
line_caret(const struct line *l)
{
	(void)l;
	return rl_point;
}

const char *
line_prompt(const struct line *l)
{
	(void)l;
	return RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH) ? rl_display_prompt : NULL;
}

bool
line_is_busy(const struct line *l)
{
	(void)l;
	return RL_ISSTATE(RL_STATE_ISEARCH | RL_STATE_NSEARCH | RL_STATE_MULTIKEY |
			RL_STATE_METANEXT | RL_STATE_NUMERICARG | RL_STATE_VIMOTION |
			RL_STATE_CHARSEARCH);
}

bool
line_wants_escape(const struct line *l)
{
	(void)l;
	return rl_editing_mode == 0 && rl_get_keymap() == vi_insertion_keymap;
}

void
line_end_search(struct line *l)
{
	char *text;
	int caret;

	if (!line_prompt(l))
		return;
	text = xstrdup(rl_line_buffer);
	caret = rl_point;
	l->feed = CTRL_G;
	l->feed_n = 1;
	rl_callback_read_char();
	l->feed_n = 0;
	rl_replace_line(text, 1);
	rl_point = caret < rl_end ? caret : rl_end;
	free(text);
}

void
line_remember(struct line *l, const char *text)
{
	HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1)
			: NULL;

	if (!last || strcmp(last->line, text) != 0) {
		add_history(text);
		if (l->history)
			history_append(l->history, text);
	}
	using_history();
}

/* Plain mode */

void
line_set_prompt(struct line *l, const char *prompt)
{
	free(l->prompt);
	l->prompt = xstrdup(prompt);
	rl_set_prompt(l->prompt);
	if (!l->is_accepting)
		rl_forced_update_display();
}

/* A terminal that cannot clear its line keeps it, and goes on below. */
static void
make_room(void)
{
	if (rl_get_termcap("ce"))
		rl_clear_visible_line();
	else
		fputc('\n', stdout);
}

void
line_above(struct line *l, const char *p, size_t n)
{
	if (!l->is_accepting)
		make_room();
	fwrite(p, 1, n, stdout);
	fflush(stdout);
	if (l->is_accepting)
		return;
	rl_on_new_line();
	rl_redisplay();
}

void
line_clear(struct line *l)
{
	line_end_search(l);
	rl_replace_line("", 1);
	rl_point = rl_mark = 0;
	fputs("^C\n", stdout);
	fflush(stdout);
	rl_on_new_line();
	rl_redisplay();
}

void
line_leave(struct line *l)
{
	(void)l;
	rl_deprep_terminal();
}

void
line_return(struct line *l)
{
	(void)l;
	rl_prep_terminal(1);
	rl_forced_update_display();
}

void
line_resize(struct line *l)
{
	(void)l;
	rl_resize_terminal();
}
