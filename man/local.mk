# man.
dist_man_MANS += man/stonechatd.8
