-- Roles belong to the whole server: another database of ours may have made them. None of them can log in, and none bypasses a policy.
DO $$
DECLARE role_name text;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['keepsake_app', 'keepsake_tenant', 'keepsake_service'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', role_name);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END;
    END IF;
    IF NOT pg_has_role(current_user, role_name, 'MEMBER') OR (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
      EXECUTE format('GRANT %I TO CURRENT_USER', role_name);
    END IF;
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', role_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I', role_name);
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO %I', role_name);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', role_name);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO %I', role_name);
  END LOOP;
END $$;
--> statement-breakpoint
-- Rows of a brain, records and sessions: nobody's until a transaction says for whom it acts.
DO $$
DECLARE
  of_person constant text := $q$user_id = current_setting('keepsake.user_id', true)$q$;
  of_company constant text := $q$company_id = current_setting('keepsake.company_id', true)$q$;
  by_session constant text := $q$EXISTS (SELECT FROM company_sessions s WHERE s.company_id = %I.company_id
    AND s.user_id = current_setting('keepsake.user_id', true) AND s.expires_at > now())$q$;
  t text;
  rule text;
BEGIN
  FOREACH t IN ARRAY ARRAY['user_brain', 'user_brain_events', 'profiles', 'company_brain', 'company_brain_events', 'companies', 'company_sessions'] LOOP
    rule := CASE
      WHEN t IN ('user_brain', 'user_brain_events', 'profiles') THEN of_person
      WHEN t = 'company_sessions' THEN of_person || ' OR ' || of_company
      ELSE of_company || ' OR ' || format(by_session, t)
    END;
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO keepsake_tenant USING (%s) WITH CHECK (%s)', t, rule, rule);
    EXECUTE format('CREATE POLICY service ON %I TO keepsake_service USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;
--> statement-breakpoint
-- Everything else that has an owner: a tenant sees its own, the app names the person in every query.
DO $$
DECLARE t text;
BEGIN
  FOR t IN
    SELECT c.table_name FROM information_schema.columns c JOIN pg_tables p ON p.tablename = c.table_name AND p.schemaname = 'public'
    WHERE c.table_schema = 'public' AND c.column_name = 'user_id' AND NOT p.rowsecurity
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO keepsake_tenant USING (user_id IN (current_setting(''keepsake.user_id'', true), current_setting(''keepsake.company_id'', true))) WITH CHECK (user_id IN (current_setting(''keepsake.user_id'', true), current_setting(''keepsake.company_id'', true)))', t);
    EXECUTE format('CREATE POLICY app ON %I TO keepsake_app, keepsake_service USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;
