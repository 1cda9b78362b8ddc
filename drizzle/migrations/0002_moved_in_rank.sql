-- online
ALTER TABLE "replies" ADD COLUMN "rank_seq" bigint;--> statement-breakpoint
CREATE INDEX CONCURRENTLY "replies_moved" ON "replies" USING btree ("thread_id","parent_id","rank_seq") WHERE "replies"."rank_seq" is not null;
