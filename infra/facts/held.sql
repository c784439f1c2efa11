-- The view facts_held: the numbers of fact.RollUpHeld. BigQuery and SQLite both run this text; ${facts_once} is the view's name.
WITH held AS (
  SELECT id, type, channel, day, reason, person, item, revision, happenedAt FROM ${facts_once} WHERE stage = 'held'
), later AS (
  SELECT h.id,
    MAX(CASE WHEN l.stage <> 'seen' AND l.channel = h.channel AND l.happenedAt > h.happenedAt THEN 1 ELSE 0 END) AS released,
    MAX(CASE WHEN l.stage = 'seen' THEN 1 ELSE 0 END) AS seen
  FROM held AS h
  JOIN ${facts_once} AS l ON l.person = h.person AND l.item = h.item AND l.revision >= h.revision
  WHERE l.person <> '' AND l.item <> '' AND l.stage IN ('shown', 'pushed', 'mailed', 'seen')
  GROUP BY h.id
)
SELECT h.type, h.channel, h.day, h.reason, COUNT(*) AS count, SUM(COALESCE(l.released, 0)) AS released, SUM(COALESCE(l.seen, 0)) AS seen
FROM held AS h
LEFT JOIN later AS l ON l.id = h.id
GROUP BY h.type, h.channel, h.day, h.reason
