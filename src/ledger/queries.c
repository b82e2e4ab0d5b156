/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The statements of the writer. Kinds of records: model/record.h (0 msg, 1 edit, 7 ai.end). */
#include "ledger/queries.h"

#define CONV "SELECT n, id, kind, name, is_public, epoch, floor, seq, last_ts, counted, last_id," \
	" minted FROM conv "

const char *const query_text[Q_COUNT] = {
	[Q_TICK] = "UPDATE meta SET value=?1 WHERE name='tick'",
	[Q_TICK_IS] = "SELECT value FROM meta WHERE name='tick'",
	[Q_START] = "UPDATE meta SET value=?1 WHERE name='start'",

	[Q_CONV] = CONV "WHERE id=?1",
	[Q_CONV_NAMED] = "SELECT id FROM conv WHERE name=?1",
	[Q_CONV_NEW] = "INSERT INTO conv(id, kind, name, topic, is_public, epoch, changed)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[Q_CONV_SAVE] = "UPDATE conv SET seq=?2, last_id=?3, last_ts=?4, counted=?5, changed=?6"
		" WHERE n=?1",
	[Q_CONV_TOPIC] = "UPDATE conv SET topic=?2 WHERE n=?1",
	[Q_CONV_MINT] = "UPDATE conv SET epoch=?2, minted=?3 WHERE n=?1",
	[Q_CONV_FLOOR] = "UPDATE conv SET floor=?2, changed=?3 WHERE n=?1",
	[Q_CONV_UNNAME] = "UPDATE conv SET name=NULL WHERE n=?1",
	[Q_CONV_OLD] = "SELECT c.id FROM conv c JOIN log g ON g.pos = (c.n << 36 | c.floor + 1)"
		" WHERE g.ts < ?1 LIMIT 1",
	[Q_CONV_ALL] = "SELECT id FROM conv ORDER BY n",
	[Q_EPOCH_USED] = "SELECT 1 FROM epoch_history WHERE conv=?1 AND epoch=?2",
	[Q_EPOCH_OLD] = "INSERT OR IGNORE INTO epoch_history VALUES(?1, ?2, ?3, ?4)",
	[Q_NEWEST_ID] = "SELECT max(last_id) FROM conv",

	[Q_USER] = "SELECT n, name, shown, is_admin FROM user WHERE name=?1 AND NOT is_removed",
	[Q_USER_N] = "SELECT n, name, shown, is_admin FROM user WHERE n=?1 AND NOT is_removed",
	[Q_USER_NEW] = "INSERT INTO user(name, shown, is_admin) VALUES(?1, ?2, ?3)",
	[Q_USER_BACK] = "UPDATE user SET is_removed=0, shown=?2, is_admin=?3"
		" WHERE name=?1 AND is_removed",
	[Q_USER_REMOVE] = "UPDATE user SET is_removed=1, is_admin=0 WHERE n=?1",
	[Q_USER_LIST] = "SELECT name, shown, is_admin,"
		" (SELECT count(*) FROM token t WHERE t.user=u.n)"
		" FROM user u WHERE NOT is_removed ORDER BY name",
	[Q_TOKEN_NEW] = "INSERT INTO token VALUES(?1, ?2)",
	[Q_TOKEN_REVOKE] = "DELETE FROM token WHERE user=?1",

	[Q_LANE] = "SELECT n FROM lane WHERE conv=?1 AND user=?2 AND device=?3",
	[Q_LANE_SAVE] = "INSERT INTO lane VALUES(?1, ?2, ?3, ?4)"
		" ON CONFLICT DO UPDATE SET n=excluded.n",

	[Q_MEMBER] = "SELECT role, own, read, read_own, told FROM member"
		" WHERE user=?1 AND conv=?2",
	[Q_MEMBER_SAVE] = "INSERT INTO member(user, conv, role, own, changed, joined)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?5) ON CONFLICT DO UPDATE SET changed=?5, own=?4,"
		" joined=CASE WHEN role=0 THEN ?5 ELSE joined END, role=?3",
	[Q_MEMBER_MARK] = "UPDATE member SET read=?3, read_counted=?4, read_own=?5, changed=?6"
		" WHERE user=?1 AND conv=?2",
	[Q_MEMBER_TOLD] = "UPDATE member SET told=?3 WHERE user=?1 AND conv=?2",
	[Q_MEMBER_CONVS] = "SELECT c.id FROM member m JOIN conv c ON c.n=m.conv"
		" WHERE m.user=?1 AND m.role>0 ORDER BY c.n",
	[Q_OWNERS] = "SELECT count(*) FROM member WHERE conv=?1 AND role=2",
	[Q_NEXT_OWNER] = "SELECT user FROM member WHERE conv=?1 AND role=1"
		" ORDER BY joined, user LIMIT 1",
	[Q_INVITED] = "SELECT 1 FROM invite WHERE conv=?1 AND user=?2",
	[Q_INVITE] = "INSERT OR IGNORE INTO invite VALUES(?1, ?2)",
	[Q_INVITE_END] = "DELETE FROM invite WHERE conv=?1 AND user=?2",

	[Q_ANSWER] = "SELECT seq, hash, code, why FROM answer WHERE conv=?1 AND sender=?2"
		" AND cid=?3",
	[Q_ANSWER_NEWEST] = "SELECT max(cid) FROM answer WHERE conv=?1 AND sender=?2",
	[Q_ANSWER_PUT] = "INSERT INTO answer VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[Q_LOG_PUT] = "INSERT INTO log VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[Q_LOG_ID] = "SELECT id FROM log WHERE pos=?1",
	[Q_LOG_AT] = "SELECT id, kind, sender, ts FROM log WHERE pos=?1",
	[Q_LOG_COUNTED] = "SELECT counted FROM log WHERE pos=?1",
	[Q_LOG_OWN] = "SELECT count(*) FROM log WHERE pos>?1 AND pos<=?2 AND sender=?3"
		" AND kind IN (0, 7)",
	[Q_LOG_RECORD] = "SELECT record FROM log WHERE pos=?1",
	[Q_LOG_BLANK] = "UPDATE log SET record=?2 WHERE pos=?1",
	[Q_LOG_EDITS] = "SELECT pos FROM log WHERE target=?1 AND kind=1",
	[Q_LOG_TRIM] = "UPDATE log SET record=NULL, target=NULL WHERE pos>?1 AND pos<=?2",

	[Q_FOLD] = "SELECT text, is_deleted FROM fold WHERE pos=?1",
	[Q_FOLD_SAVE] = "INSERT INTO fold VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE"
		" SET text=?2, is_deleted=?3, cur=?4",
	[Q_FOLD_TRIM] = "DELETE FROM fold WHERE pos>?1 AND pos<=?2",
	[Q_REACT_ON] = "INSERT OR IGNORE INTO reaction VALUES(?1, ?2, ?3)",
	[Q_REACT_OFF] = "DELETE FROM reaction WHERE pos=?1 AND emoji=?2 AND user=?3",
	[Q_REACT_KINDS] = "SELECT count(DISTINCT emoji) FROM reaction WHERE pos=?1",
	[Q_REACT_HAS] = "SELECT 1 FROM reaction WHERE pos=?1 AND emoji=?2 LIMIT 1",
	[Q_REACT_COUNTS] = "SELECT emoji, count(*) FROM reaction WHERE pos=?1 GROUP BY emoji",
	[Q_REACT_TRIM] = "DELETE FROM reaction WHERE pos>?1 AND pos<=?2",

	[Q_MENTION] = "INSERT OR IGNORE INTO mention VALUES(?1, ?2, ?3)",
	[Q_MENTION_READ] = "DELETE FROM mention WHERE conv=?1 AND user=?2 AND seq<=?3",

	[Q_STREAM] = "SELECT user, device, ended FROM stream WHERE conv=?1 AND id=?2",
	[Q_STREAMS_OPEN] = "SELECT count(*) FROM stream WHERE user=?1 AND ended IS NULL",
	[Q_STREAM_NEW] = "INSERT INTO stream VALUES(?1, ?2, ?3, ?4, NULL, '')",
	[Q_STREAM_TEXT] = "UPDATE stream SET text=?3 WHERE conv=?1 AND id=?2",
	[Q_STREAM_END] = "UPDATE stream SET text='', ended=?3 WHERE conv=?1 AND id=?2",
	[Q_STREAM_GET] = "SELECT user, device, text FROM stream WHERE conv=?1 AND id=?2",

	[Q_STREAM_OF] = "SELECT c.id, s.id FROM stream s JOIN conv c ON c.n=s.conv"
		" WHERE s.user=?1 AND s.ended IS NULL",

	[Q_RUN] = "SELECT user, device, workflow, step FROM run WHERE conv=?1 AND id=?2",
	[Q_RUNS_OPEN] = "SELECT count(*) FROM run WHERE user=?1",
	[Q_RUN_PUT] = "INSERT INTO run VALUES(?1, ?2, ?3, ?4, ?5, ?6)"
		" ON CONFLICT DO UPDATE SET step=?6",
	[Q_RUN_END] = "DELETE FROM run WHERE conv=?1 AND id=?2",
	[Q_RUN_OF] = "SELECT c.id, r.id, r.device FROM run r JOIN conv c ON c.n=r.conv"
		" WHERE r.user=?1",

	[Q_ROOM_LIST] = "SELECT name, id, is_public, seq, topic, (SELECT count(*) FROM member m"
		" WHERE m.conv=c.n AND m.role>0) FROM conv c WHERE kind=0 ORDER BY name",
};
