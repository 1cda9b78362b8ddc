CREATE TABLE "reactions" (
	"reply_id" uuid NOT NULL,
	"author_id" uuid NOT NULL,
	"emoji" text NOT NULL,
	CONSTRAINT "reactions_reply_id_author_id_emoji_pk" PRIMARY KEY("reply_id","author_id","emoji")
);
--> statement-breakpoint
CREATE TABLE "revisions" (
	"reply_id" uuid NOT NULL,
	"rev" integer NOT NULL,
	"body" text NOT NULL,
	"until" timestamp with time zone DEFAULT now() NOT NULL,
	"erase_at" timestamp with time zone,
	CONSTRAINT "revisions_reply_id_rev_pk" PRIMARY KEY("reply_id","rev")
);
--> statement-breakpoint
ALTER TABLE "replies" ADD COLUMN "reactions" jsonb;--> statement-breakpoint
ALTER TABLE "replies" ADD COLUMN "answers" integer;--> statement-breakpoint
ALTER TABLE "replies" ADD COLUMN "mentions" uuid[];--> statement-breakpoint
ALTER TABLE "sites" ADD COLUMN "votes" text DEFAULT 'updown' NOT NULL;--> statement-breakpoint
ALTER TABLE "sites" ADD COLUMN "reactions" text[] DEFAULT '{"👍","❤️","😄","🎉","🤔","😢"}' NOT NULL;--> statement-breakpoint
ALTER TABLE "sites" ADD COLUMN "edit_window_seconds" integer;--> statement-breakpoint
ALTER TABLE "sites" ADD COLUMN "undo_seconds" integer DEFAULT 600 NOT NULL;--> statement-breakpoint
ALTER TABLE "sites" ADD COLUMN "presence" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "sites" ADD COLUMN "typing" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "reactions" ADD CONSTRAINT "reactions_reply_id_replies_id_fk" FOREIGN KEY ("reply_id") REFERENCES "public"."replies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reactions" ADD CONSTRAINT "reactions_author_id_authors_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."authors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "revisions" ADD CONSTRAINT "revisions_reply_id_replies_id_fk" FOREIGN KEY ("reply_id") REFERENCES "public"."replies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "revisions_to_erase" ON "revisions" USING btree ("erase_at") WHERE "revisions"."erase_at" is not null;--> statement-breakpoint
ALTER TABLE "sites" ADD CONSTRAINT "sites_votes" CHECK ("sites"."votes" in ('none', 'up', 'updown'));--> statement-breakpoint
ALTER TABLE "sites" ADD CONSTRAINT "sites_times" CHECK ("sites"."edit_window_seconds" >= 0 and "sites"."undo_seconds" >= 0);