-- Whatever changes a reply moves its indexed `seq`, so no update of it is ever HOT, and room kept free for that is lost.
ALTER TABLE "replies" RESET (fillfactor);--> statement-breakpoint
-- Of ten million replies a fifth would have to be dead before they are cleaned up by default.
ALTER TABLE "replies" SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_insert_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
