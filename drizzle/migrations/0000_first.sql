CREATE TABLE "authors" (
	"id" uuid PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"badge" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "authors_badge" CHECK ("authors"."badge" in ('owner', 'moderator', 'guest'))
);
--> statement-breakpoint
CREATE TABLE "replies" (
	"id" uuid PRIMARY KEY NOT NULL,
	"thread_id" uuid NOT NULL,
	"parent_id" uuid,
	"root_id" uuid NOT NULL,
	"depth" smallint NOT NULL,
	"born" bigint NOT NULL,
	"seq" bigint NOT NULL,
	"body_seq" bigint NOT NULL,
	"rev" integer DEFAULT 1 NOT NULL,
	"author_id" uuid NOT NULL,
	"author_name" text NOT NULL,
	"author_badge" text NOT NULL,
	"body" text NOT NULL,
	"html" text NOT NULL,
	"renderer" smallint NOT NULL,
	"state" text DEFAULT 'published' NOT NULL,
	"ups" integer DEFAULT 0 NOT NULL,
	"downs" integer DEFAULT 0 NOT NULL,
	"rank" integer DEFAULT 0 NOT NULL,
	"replies" integer DEFAULT 0 NOT NULL,
	"children" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"edited_at" timestamp with time zone,
	CONSTRAINT "replies_thread_id" UNIQUE("thread_id","id"),
	CONSTRAINT "replies_root" CHECK (("replies"."parent_id" is null) = ("replies"."depth" = 0) and ("replies"."parent_id" is null) = ("replies"."root_id" = "replies"."id")),
	CONSTRAINT "replies_clock" CHECK ("replies"."born" > 0 and "replies"."body_seq" between "replies"."born" and "replies"."seq"),
	CONSTRAINT "replies_state" CHECK ("replies"."state" in ('published', 'removed')),
	CONSTRAINT "replies_tombstone" CHECK ("replies"."state" = 'published' or ("replies"."body" = '' and "replies"."html" = '')),
	CONSTRAINT "replies_author_badge" CHECK ("replies"."author_badge" in ('owner', 'moderator', 'guest')),
	CONSTRAINT "replies_counts" CHECK ("replies"."rev" >= 1 and "replies"."ups" >= 0 and "replies"."downs" >= 0 and "replies"."replies" between 0 and "replies"."children")
);
--> statement-breakpoint
CREATE TABLE "reports" (
	"reply_id" uuid NOT NULL,
	"author_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"note" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "reports_reply_id_author_id_pk" PRIMARY KEY("reply_id","author_id")
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"name" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sites" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"owner_name" text,
	"origins" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "sites_id_is_slug" CHECK ("sites"."id" ~ '^[a-z0-9][a-z0-9-]{0,63}$')
);
--> statement-breakpoint
CREATE TABLE "threads" (
	"id" uuid PRIMARY KEY NOT NULL,
	"site_id" text NOT NULL,
	"key" text NOT NULL,
	"url" text,
	"title" text,
	"state" text DEFAULT 'open' NOT NULL,
	"epoch" uuid NOT NULL,
	"head" bigint DEFAULT 0 NOT NULL,
	"info_seq" bigint DEFAULT 0 NOT NULL,
	"count" integer DEFAULT 0 NOT NULL,
	"roots" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "threads_site_key" UNIQUE("site_id","key"),
	CONSTRAINT "threads_state" CHECK ("threads"."state" in ('open', 'closed')),
	CONSTRAINT "threads_clock" CHECK ("threads"."info_seq" between 0 and "threads"."head"),
	CONSTRAINT "threads_counts" CHECK ("threads"."count" >= 0 and "threads"."roots" >= 0)
);
--> statement-breakpoint
CREATE TABLE "votes" (
	"reply_id" uuid NOT NULL,
	"author_id" uuid NOT NULL,
	"value" smallint NOT NULL,
	CONSTRAINT "votes_reply_id_author_id_pk" PRIMARY KEY("reply_id","author_id"),
	CONSTRAINT "votes_value" CHECK ("votes"."value" in (-1, 1))
);
--> statement-breakpoint
ALTER TABLE "authors" ADD CONSTRAINT "authors_site_id_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "replies" ADD CONSTRAINT "replies_thread_id_threads_id_fk" FOREIGN KEY ("thread_id") REFERENCES "public"."threads"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "replies" ADD CONSTRAINT "replies_author_id_authors_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."authors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "replies" ADD CONSTRAINT "replies_parent" FOREIGN KEY ("thread_id","parent_id") REFERENCES "public"."replies"("thread_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_reply_id_replies_id_fk" FOREIGN KEY ("reply_id") REFERENCES "public"."replies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_author_id_authors_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."authors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "threads" ADD CONSTRAINT "threads_site_id_sites_id_fk" FOREIGN KEY ("site_id") REFERENCES "public"."sites"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "votes" ADD CONSTRAINT "votes_reply_id_replies_id_fk" FOREIGN KEY ("reply_id") REFERENCES "public"."replies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "votes" ADD CONSTRAINT "votes_author_id_authors_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."authors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "replies_catch_up" ON "replies" USING btree ("thread_id","seq");--> statement-breakpoint
CREATE INDEX "replies_by_time" ON "replies" USING btree ("thread_id","parent_id","born");--> statement-breakpoint
CREATE INDEX "replies_by_rank" ON "replies" USING btree ("thread_id","parent_id",(-"rank"),"born");--> statement-breakpoint
-- Every write moves `threads.head`: half-empty pages let that update stay on its page (HOT), without touching an index.
ALTER TABLE "threads" SET (fillfactor = 50);--> statement-breakpoint
-- A reply's counters change with its children and votes.
ALTER TABLE "replies" SET (fillfactor = 85);
