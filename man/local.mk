# man.
dist_man_MANS += man/stonechatd.8
dist_man_MANS += man/stonechat-protocol.7
