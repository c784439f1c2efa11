-- The view facts_once: the table without repeats. Of rows with one id the earliest holds, in the order of fact.Once.
-- BigQuery and SQLite both run this text; ${facts} is the table's name.
SELECT id, day, person, source, event, type, item, revision, stage, channel, reason, happenedAt, acceptedAt, heldUntil, attempt, instance
FROM (
  SELECT id, day, person, source, event, type, item, revision, stage, channel, reason, happenedAt, acceptedAt, heldUntil, attempt, instance,
    ROW_NUMBER() OVER (PARTITION BY id ORDER BY happenedAt, heldUntil, attempt, revision, acceptedAt, reason, item, type, instance) AS turn
  FROM ${facts}
)
WHERE turn = 1
