-- The view facts_held: the numbers of fact.RollUpHeld. BigQuery and SQLite both run this text; ${facts_once} is the view's name.
-- It joins nothing: an item with thousands of states would be as many rows for each of them.
WITH steps AS ( -- what the channel told last of the item in this state or a later one, and the latest state that was seen
  SELECT type, channel, day, reason, stage, person, item, revision, happenedAt,
    MAX(CASE WHEN stage IN ('shown', 'pushed', 'mailed') THEN happenedAt END)
      OVER (PARTITION BY person, item, channel ORDER BY revision DESC) AS toldAt,
    MAX(CASE WHEN stage = 'seen' THEN revision END) OVER (PARTITION BY person, item) AS seen
  FROM ${facts_once}
  WHERE stage IN ('held', 'shown', 'pushed', 'mailed', 'seen')
)
SELECT type, channel, day, reason, COUNT(*) AS count,
  SUM(CASE WHEN person <> '' AND item <> '' AND toldAt > happenedAt THEN 1 ELSE 0 END) AS released,
  SUM(CASE WHEN person <> '' AND item <> '' AND seen >= revision THEN 1 ELSE 0 END) AS seen
FROM steps
WHERE stage = 'held'
GROUP BY type, channel, day, reason
