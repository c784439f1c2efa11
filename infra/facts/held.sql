-- The view facts_held: the numbers of fact.RollUpHeld. BigQuery and SQLite both run this text; ${facts_once} is the view's name.
SELECT type, channel, day, reason, COUNT(*) AS count
FROM ${facts_once}
WHERE stage = 'held'
GROUP BY type, channel, day, reason
