-- What is known of one event. BigQuery and SQLite both run this text. The table is clustered by event and person, so that little of it is
-- read. Repeats come too: whoever asks makes them once (fact.Once). Parameters: source, event; persons: with a comma before each, or "" for
-- all; after: only persons behind this one, and what is nobody's; most: how many rows.
SELECT id, day, person, source, event, type, item, revision, stage, channel, reason, happenedAt, acceptedAt, heldUntil, attempt, instance
FROM ${facts}
WHERE event = @event AND source = @source
  AND (person = '' OR person > @after AND (@persons = '' OR INSTR(@persons, CONCAT(',', person)) > 0))
ORDER BY person, happenedAt, id
LIMIT @most
