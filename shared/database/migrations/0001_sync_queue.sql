ALTER TABLE "sync_runs" ADD COLUMN "queued" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "sync_state" ADD COLUMN "held_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "sync_state" ADD COLUMN "queued_run" bigint;--> statement-breakpoint
ALTER TABLE "sync_state" ADD COLUMN "queued_until" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "sync_state_queued" ON "sync_state" USING btree ("queued_run") WHERE queued_run is not null;