-- What the roles of roles.ts may touch; the policies below say which rows. A tenant touches tables with an owner alone.
GRANT USAGE ON SCHEMA public TO keepsake_app, keepsake_service, keepsake_tenant;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO keepsake_app, keepsake_service;
--> statement-breakpoint
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO keepsake_app, keepsake_service;
--> statement-breakpoint
-- Rows of a brain and records: nobody's until a transaction says for whom it acts.
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
      WHEN t = 'company_sessions' THEN of_company
      ELSE of_company || ' OR ' || format(by_session, t)
    END;
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO keepsake_tenant', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO keepsake_tenant USING (%s) WITH CHECK (%s)', t, rule, rule);
    EXECUTE format('CREATE POLICY service ON %I TO keepsake_service USING (true) WITH CHECK (true)', t);
  END LOOP;
  -- A person sees which sessions it has, and gives itself none.
  EXECUTE format('CREATE POLICY own ON company_sessions FOR SELECT TO keepsake_tenant USING (%s)', of_person);
END $$;
--> statement-breakpoint
-- Everything else that has an owner: a tenant sees its own, the app names the person in every query.
DO $$
DECLARE
  own constant text := $q$user_id IN (current_setting('keepsake.user_id', true), current_setting('keepsake.company_id', true))$q$;
  t text;
BEGIN
  FOR t IN
    SELECT c.table_name FROM information_schema.columns c JOIN pg_tables p ON p.tablename = c.table_name AND p.schemaname = 'public'
    WHERE c.table_schema = 'public' AND c.column_name = 'user_id' AND NOT p.rowsecurity
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO keepsake_tenant', t);
    EXECUTE format('CREATE POLICY tenant ON %I TO keepsake_tenant USING (%s) WITH CHECK (%s)', t, own, own);
    EXECUTE format('CREATE POLICY app ON %I TO keepsake_app, keepsake_service USING (true) WITH CHECK (true)', t);
  END LOOP;
END $$;
