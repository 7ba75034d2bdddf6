CREATE TABLE "exchanges" (
	"id" text PRIMARY KEY NOT NULL,
	"operation_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"session_id" text NOT NULL,
	"call_id" text,
	"query" text NOT NULL,
	"answer" text NOT NULL,
	"tags" jsonb NOT NULL,
	"metadata" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"memory_id" text,
	"topic" text,
	CONSTRAINT "exchanges_operation_id_unique" UNIQUE("operation_id")
);
--> statement-breakpoint
CREATE TABLE "leads" (
	"id" uuid PRIMARY KEY NOT NULL,
	"lead_id" text NOT NULL,
	"user_id" text NOT NULL,
	"session_id" text NOT NULL,
	"call_id" text,
	"data" jsonb NOT NULL,
	"transcript_summary" text,
	"at" timestamp (3) with time zone NOT NULL,
	"memory_id" text
);
--> statement-breakpoint
CREATE TABLE "person_names" (
	"user_id" text NOT NULL,
	"folded" text NOT NULL,
	"name" text NOT NULL,
	"trigrams" text[] NOT NULL,
	"last_seen_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "person_names_user_id_folded_pk" PRIMARY KEY("user_id","folded")
);
--> statement-breakpoint
CREATE TABLE "channel_addresses" (
	"kind" text NOT NULL,
	"address" text NOT NULL,
	"user_id" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "channel_addresses_kind_address_pk" PRIMARY KEY("kind","address")
);
--> statement-breakpoint
CREATE TABLE "chat_turns" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"conversation_id" text NOT NULL,
	"is_group" boolean NOT NULL,
	"message" text NOT NULL,
	"reply" text NOT NULL,
	"personality" text NOT NULL,
	"tools" jsonb NOT NULL,
	"told" jsonb NOT NULL,
	"pending" jsonb,
	"at" timestamp (3) with time zone NOT NULL,
	"extracted_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "check_ins" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"goal_id" uuid,
	"mood" smallint,
	"energy" smallint,
	"note" text,
	"personality" text,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "goals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"title" text NOT NULL,
	"target_count" integer,
	"target_period" text,
	"status" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "index_points" (
	"id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"text" text NOT NULL,
	"type" text NOT NULL,
	"topic" text,
	"tags" jsonb NOT NULL,
	"metadata" jsonb NOT NULL,
	"session_id" text,
	"speaker" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"superseded_by" uuid,
	"version" bigint NOT NULL,
	"deleted" boolean DEFAULT false NOT NULL,
	"provisional" boolean NOT NULL,
	"hash" text NOT NULL,
	"sentence" "bytea" NOT NULL,
	"tokens" "bytea" NOT NULL,
	"terms" jsonb NOT NULL,
	CONSTRAINT "index_points_user_id_id_pk" PRIMARY KEY("user_id","id")
);
--> statement-breakpoint
CREATE TABLE "leases" (
	"name" text PRIMARY KEY NOT NULL,
	"holder" uuid NOT NULL,
	"held_until" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "memories" (
	"id" uuid PRIMARY KEY NOT NULL,
	"operation_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"text" text NOT NULL,
	"type" text NOT NULL,
	"topic" text,
	"tags" jsonb NOT NULL,
	"metadata" jsonb NOT NULL,
	"session_id" text,
	"speaker" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"superseded_by" uuid
);
--> statement-breakpoint
CREATE TABLE "memory_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "memory_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"memory_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"event" text NOT NULL,
	"previous_text" text,
	"text" text,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "outbox" (
	"sequence" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "outbox_sequence_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"operation_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"write" jsonb NOT NULL,
	"state" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"sent_at" timestamp (3) with time zone,
	"arrives_until" timestamp (3) with time zone,
	"event_id" text,
	"next_attempt_at" timestamp (3) with time zone NOT NULL,
	"leased_until" timestamp (3) with time zone,
	"last_error" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "outbox_operation_id_unique" UNIQUE("operation_id")
);
--> statement-breakpoint
CREATE TABLE "people" (
	"user_id" text PRIMARY KEY NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"index_version" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "preferences" (
	"user_id" text NOT NULL,
	"name" text NOT NULL,
	"value" text NOT NULL,
	"source" text DEFAULT 'said' NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "preferences_user_id_name_pk" PRIMARY KEY("user_id","name")
);
--> statement-breakpoint
CREATE TABLE "processed_messages" (
	"user_id" text NOT NULL,
	"door" text NOT NULL,
	"message_id" text NOT NULL,
	"answer" jsonb NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "processed_messages_user_id_door_message_id_pk" PRIMARY KEY("user_id","door","message_id")
);
--> statement-breakpoint
CREATE TABLE "stat_counters" (
	"name" text NOT NULL,
	"slice" timestamp (3) with time zone NOT NULL,
	"bucket" double precision NOT NULL,
	"count" bigint NOT NULL,
	CONSTRAINT "stat_counters_slice_name_bucket_pk" PRIMARY KEY("slice","name","bucket")
);
--> statement-breakpoint
CREATE TABLE "sync_runs" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "sync_runs_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone NOT NULL,
	"complete" boolean NOT NULL,
	"queued" boolean DEFAULT false NOT NULL,
	"people" integer NOT NULL,
	"written" integer NOT NULL,
	"removed" integer NOT NULL,
	"errors" integer NOT NULL,
	"missing" integer NOT NULL,
	"changed" integer NOT NULL,
	"orphaned" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sync_state" (
	"user_id" text PRIMARY KEY NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL,
	"synced_to" timestamp (3) with time zone,
	"watermark" timestamp (3) with time zone,
	"attempted_at" timestamp (3) with time zone,
	"reconciled_at" timestamp (3) with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"held_until" timestamp (3) with time zone,
	"queued_run" bigint,
	"queued_until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "tombstones" (
	"memory_id" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tool_usage" (
	"user_id" text NOT NULL,
	"tool" text NOT NULL,
	"uses" integer NOT NULL,
	"helped" integer NOT NULL,
	"last_used_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "tool_usage_user_id_tool_pk" PRIMARY KEY("user_id","tool")
);
--> statement-breakpoint
ALTER TABLE "check_ins" ADD CONSTRAINT "check_ins_goal_id_goals_id_fk" FOREIGN KEY ("goal_id") REFERENCES "public"."goals"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "exchanges_by_user" ON "exchanges" USING btree ("user_id","at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "exchanges_by_memory" ON "exchanges" USING btree ("memory_id");--> statement-breakpoint
CREATE INDEX "exchanges_by_session" ON "exchanges" USING btree ("session_id","at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "leads_by_lead" ON "leads" USING btree ("lead_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "leads_by_memory" ON "leads" USING btree ("memory_id");--> statement-breakpoint
CREATE INDEX "leads_by_user" ON "leads" USING btree ("user_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "leads_by_session" ON "leads" USING btree ("session_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "person_names_by_folded" ON "person_names" USING btree ("folded");--> statement-breakpoint
CREATE INDEX "person_names_by_trigram" ON "person_names" USING gin ("trigrams");--> statement-breakpoint
CREATE INDEX "channel_addresses_by_user" ON "channel_addresses" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "chat_turns_by_conversation" ON "chat_turns" USING btree ("conversation_id","user_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "chat_turns_by_user" ON "chat_turns" USING btree ("user_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "chat_turns_to_extract" ON "chat_turns" USING btree ("at") WHERE extracted_at is null;--> statement-breakpoint
CREATE INDEX "check_ins_by_user" ON "check_ins" USING btree ("user_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "goals_by_user" ON "goals" USING btree ("user_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "index_points_by_version" ON "index_points" USING btree ("user_id","version");--> statement-breakpoint
CREATE INDEX "index_points_by_id" ON "index_points" USING btree ("id");--> statement-breakpoint
CREATE INDEX "memories_by_user" ON "memories" USING btree ("user_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "memories_by_operation" ON "memories" USING btree ("user_id","operation_id");--> statement-breakpoint
CREATE INDEX "memories_by_change" ON "memories" USING btree ("updated_at");--> statement-breakpoint
CREATE INDEX "memory_events_by_memory" ON "memory_events" USING btree ("memory_id","id");--> statement-breakpoint
CREATE INDEX "outbox_by_user" ON "outbox" USING btree ("user_id","sequence");--> statement-breakpoint
CREATE INDEX "outbox_due" ON "outbox" USING btree ("state","next_attempt_at");--> statement-breakpoint
CREATE INDEX "sync_runs_by_start" ON "sync_runs" USING btree ("started_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "sync_state_by_attempt" ON "sync_state" USING btree ("attempted_at" NULLS FIRST);--> statement-breakpoint
CREATE INDEX "sync_state_queued" ON "sync_state" USING btree ("queued_run") WHERE queued_run is not null;--> statement-breakpoint
CREATE INDEX "tombstones_by_user" ON "tombstones" USING btree ("user_id","at");