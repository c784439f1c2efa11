-- What is known of the items in which an event is, besides its own steps: what was decided later, of the item without an event, and the
-- pushes of other events of it. BigQuery and SQLite both run this text. Parameters: source, event, persons: as in log.sql; after and last: persons
-- behind the one, up to the other; since: the day of the event's first fact, so that older partitions are not read; most.
WITH own AS (
  SELECT DISTINCT person, item FROM ${facts}
  WHERE event = @event AND source = @source AND item <> '' AND day >= @since AND person > @after AND person <= @last
    AND (@persons = '' OR INSTR(@persons, CONCAT(',', person)) > 0)
)
SELECT f.id, f.day, f.person, f.source, f.event, f.type, f.item, f.revision, f.stage, f.channel, f.reason, f.happenedAt, f.acceptedAt, f.heldUntil, f.attempt, f.instance
FROM ${facts} AS f
JOIN own ON own.person = f.person AND own.item = f.item
WHERE f.day >= @since AND (f.event = '' OR f.stage = 'pushed' AND NOT (f.event = @event AND f.source = @source))
ORDER BY f.happenedAt, f.id
LIMIT @most
