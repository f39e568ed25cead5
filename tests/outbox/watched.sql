-- Put into the database of the outbox's tests: a clock that tests can move, and a guard that
-- refuses every move the ladder does not know.
CREATE SCHEMA watched;

CREATE TABLE watched.shift (by interval NOT NULL);
INSERT INTO watched.shift VALUES ('0');

-- With this schema first in the search path, everything that asks for the time gets this one.
CREATE FUNCTION watched.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT pg_catalog.clock_timestamp() + by FROM watched.shift';

DO $$
DECLARE
    found record;
BEGIN
    FOR found IN
        SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND column_default = 'clock_timestamp()'
    LOOP
        EXECUTE format('ALTER TABLE public.%I ALTER COLUMN %I SET DEFAULT watched.clock_timestamp()',
                       found.table_name, found.column_name);
    END LOOP;
END $$;

CREATE TABLE watched.allowed (before text, after text, PRIMARY KEY (before, after));
CREATE TABLE watched.moves (message_id bigint, before text, after text);

CREATE FUNCTION watched.note_move() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.report_rank < OLD.report_rank THEN
        RAISE EXCEPTION 'message %: rank falls from % to %', OLD.id, OLD.report_rank, NEW.report_rank;
    END IF;
    IF NEW.state <> OLD.state THEN
        IF NOT EXISTS (SELECT FROM watched.allowed
                       WHERE before = OLD.state AND after = NEW.state) THEN
            RAISE EXCEPTION 'message %: % -> % is not in the ladder', OLD.id, OLD.state, NEW.state;
        END IF;
        INSERT INTO watched.moves VALUES (OLD.id, OLD.state, NEW.state);
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER note_move BEFORE UPDATE ON public.messages_out
    FOR EACH ROW EXECUTE FUNCTION watched.note_move();
