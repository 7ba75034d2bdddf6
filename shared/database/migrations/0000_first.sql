CREATE TABLE "brain_owners" (
	"user_id" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "companies" (
	"company_id" text PRIMARY KEY NOT NULL,
	"name" text,
	"tax_regime" text,
	"activity" text,
	"legal_representative" text,
	"start_date" text,
	"accounting_start" text,
	"metadata" jsonb NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "company_brain" (
	"company_id" text NOT NULL,
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"category" text NOT NULL,
	"content" text NOT NULL,
	"memory_id" text,
	"added_by" uuid NOT NULL,
	"operation_id" uuid NOT NULL,
	"state" text NOT NULL,
	"extra_metadata" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "company_brain_by_slug" UNIQUE("company_id","slug"),
	CONSTRAINT "company_brain_by_memory" UNIQUE("memory_id")
);
--> statement-breakpoint
CREATE TABLE "company_brain_events" (
	"company_id" text NOT NULL,
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"event" text NOT NULL,
	"source" text NOT NULL,
	"previous_content" text,
	"content" text,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "company_sessions" (
	"user_id" text NOT NULL,
	"company_id" text NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "company_sessions_user_id_company_id_pk" PRIMARY KEY("user_id","company_id")
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"subject_id" text,
	"state" text NOT NULL,
	"cursor" text,
	"total" integer DEFAULT 0 NOT NULL,
	"loaded" integer DEFAULT 0 NOT NULL,
	"failed" integer DEFAULT 0 NOT NULL,
	"memories_created" integer DEFAULT 0 NOT NULL,
	"errors" jsonb NOT NULL,
	"leased_until" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "profiles" (
	"user_id" text PRIMARY KEY NOT NULL,
	"full_name" text,
	"email" text,
	"phone" text,
	"role" text,
	"metadata" jsonb NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "user_brain" (
	"user_id" text NOT NULL,
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"category" text NOT NULL,
	"content" text NOT NULL,
	"memory_id" text,
	"added_by" uuid NOT NULL,
	"operation_id" uuid NOT NULL,
	"state" text NOT NULL,
	"extra_metadata" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "user_brain_by_slug" UNIQUE("user_id","slug"),
	CONSTRAINT "user_brain_by_memory" UNIQUE("memory_id")
);
--> statement-breakpoint
CREATE TABLE "user_brain_events" (
	"user_id" text NOT NULL,
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"event" text NOT NULL,
	"source" text NOT NULL,
	"previous_content" text,
	"content" text,
	"at" timestamp (3) with time zone NOT NULL
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
CREATE TABLE "preferences" (
	"user_id" text NOT NULL,
	"name" text NOT NULL,
	"value" text NOT NULL,
	"source" text DEFAULT 'said' NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "preferences_user_id_name_pk" PRIMARY KEY("user_id","name")
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
CREATE TABLE "memory_aliases" (
	"provider" text NOT NULL,
	"alias" uuid NOT NULL,
	"memory_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "memory_aliases_provider_alias_pk" PRIMARY KEY("provider","alias")
);
--> statement-breakpoint
CREATE TABLE "migration_items" (
	"run_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"source_id" text NOT NULL,
	"position" integer NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"operation_id" uuid NOT NULL,
	"target_ids" jsonb NOT NULL,
	"content_hash" text NOT NULL,
	"session_id" text,
	"source_created_at" timestamp (3) with time zone NOT NULL,
	"unmapped" jsonb NOT NULL,
	"reason" text,
	"sent_at" timestamp (3) with time zone,
	CONSTRAINT "migration_items_run_id_user_id_source_id_pk" PRIMARY KEY("run_id","user_id","source_id")
);
--> statement-breakpoint
CREATE TABLE "migration_people" (
	"run_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"done_at" timestamp (3) with time zone,
	CONSTRAINT "migration_people_run_id_user_id_pk" PRIMARY KEY("run_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "migration_runs" (
	"id" uuid PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"target" text NOT NULL,
	"request" jsonb NOT NULL,
	"state" text NOT NULL,
	"problems" jsonb NOT NULL,
	"calls" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"holder" uuid,
	"leased_until" timestamp (3) with time zone,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"keep_until" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "person_homes" (
	"user_id" text PRIMARY KEY NOT NULL,
	"provider" text,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "shadow_reads" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "shadow_reads_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"overlap_percent" integer,
	"first_ms" integer NOT NULL,
	"second_ms" integer,
	"error" text
);
--> statement-breakpoint
CREATE TABLE "zep_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "zep_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"memory_id" uuid NOT NULL,
	"user_id" text NOT NULL,
	"event" text NOT NULL,
	"previous_text" text,
	"text" text,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "zep_ids" (
	"memory_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"piece" integer NOT NULL,
	"user_id" text NOT NULL,
	"operation_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"thread_id" text,
	"zep_id" text,
	"state" text NOT NULL,
	"type" text NOT NULL,
	"metadata" jsonb,
	"at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"changed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "zep_ids_memory_id_version_piece_pk" PRIMARY KEY("memory_id","version","piece")
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
	"orphaned" integer NOT NULL,
	"facts_missing" integer DEFAULT 0 NOT NULL,
	"facts_changed" integer DEFAULT 0 NOT NULL,
	"facts_orphaned" integer DEFAULT 0 NOT NULL
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
ALTER TABLE "check_ins" ADD CONSTRAINT "check_ins_goal_id_goals_id_fk" FOREIGN KEY ("goal_id") REFERENCES "public"."goals"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "company_brain_by_operation" ON "company_brain" USING btree ("operation_id");--> statement-breakpoint
CREATE INDEX "company_brain_by_add" ON "company_brain" USING btree ("added_by");--> statement-breakpoint
CREATE INDEX "company_brain_events_by_slug" ON "company_brain_events" USING btree ("company_id","slug","at");--> statement-breakpoint
CREATE INDEX "company_sessions_by_company" ON "company_sessions" USING btree ("company_id");--> statement-breakpoint
CREATE INDEX "jobs_by_state" ON "jobs" USING btree ("state","created_at");--> statement-breakpoint
CREATE INDEX "user_brain_by_operation" ON "user_brain" USING btree ("operation_id");--> statement-breakpoint
CREATE INDEX "user_brain_by_add" ON "user_brain" USING btree ("added_by");--> statement-breakpoint
CREATE INDEX "user_brain_events_by_slug" ON "user_brain_events" USING btree ("user_id","slug","at");--> statement-breakpoint
CREATE INDEX "chat_turns_by_conversation" ON "chat_turns" USING btree ("conversation_id","user_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "chat_turns_by_user" ON "chat_turns" USING btree ("user_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "chat_turns_to_extract" ON "chat_turns" USING btree ("at") WHERE extracted_at is null;--> statement-breakpoint
CREATE INDEX "check_ins_by_user" ON "check_ins" USING btree ("user_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "goals_by_user" ON "goals" USING btree ("user_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "exchanges_by_user" ON "exchanges" USING btree ("user_id","at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "exchanges_by_memory" ON "exchanges" USING btree ("memory_id");--> statement-breakpoint
CREATE INDEX "exchanges_by_session" ON "exchanges" USING btree ("session_id","at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "leads_by_lead" ON "leads" USING btree ("lead_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "leads_by_memory" ON "leads" USING btree ("memory_id");--> statement-breakpoint
CREATE INDEX "leads_by_user" ON "leads" USING btree ("user_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "leads_by_session" ON "leads" USING btree ("session_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "person_names_by_folded" ON "person_names" USING btree ("folded");--> statement-breakpoint
CREATE INDEX "person_names_by_trigram" ON "person_names" USING gin ("trigrams");--> statement-breakpoint
CREATE INDEX "memory_aliases_by_user" ON "memory_aliases" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "migration_items_by_person" ON "migration_items" USING btree ("run_id","user_id","position");--> statement-breakpoint
CREATE INDEX "migration_items_by_source" ON "migration_items" USING btree ("user_id","source_id");--> statement-breakpoint
CREATE INDEX "shadow_reads_by_time" ON "shadow_reads" USING btree ("at");--> statement-breakpoint
CREATE INDEX "zep_events_by_memory" ON "zep_events" USING btree ("memory_id","id");--> statement-breakpoint
CREATE INDEX "zep_ids_by_user" ON "zep_ids" USING btree ("user_id","at" DESC NULLS LAST,"memory_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "zep_ids_by_operation" ON "zep_ids" USING btree ("operation_id");--> statement-breakpoint
CREATE INDEX "zep_ids_by_zep_id" ON "zep_ids" USING btree ("zep_id");--> statement-breakpoint
CREATE INDEX "zep_ids_by_change" ON "zep_ids" USING btree ("changed_at");--> statement-breakpoint
CREATE INDEX "channel_addresses_by_user" ON "channel_addresses" USING btree ("user_id");--> statement-breakpoint
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