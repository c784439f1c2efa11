-- The view facts_rollup: the numbers of fact.RollUp, to the last digit. A percentile is the nearest rank, found without a division.
-- BigQuery and SQLite both run this text; ${facts_once} is the view's name.
WITH timed AS (
  SELECT type, channel, day, happenedAt - acceptedAt AS took,
    ROW_NUMBER() OVER (PARTITION BY type, channel, day ORDER BY happenedAt - acceptedAt) AS place,
    COUNT(*) OVER (PARTITION BY type, channel, day) AS total
  FROM ${facts_once}
  WHERE stage IN ('shown', 'pushed', 'mailed') AND acceptedAt > 0
), times AS (
  SELECT type, channel, day, COUNT(*) AS timed,
    MIN(CASE WHEN place * 100 >= total * 50 THEN took END) AS medianMicros,
    MIN(CASE WHEN place * 100 >= total * 95 THEN took END) AS p95Micros
  FROM timed
  GROUP BY type, channel, day
), counts AS (
  SELECT type, channel, day,
    SUM(CASE WHEN stage = 'accepted' THEN 1 ELSE 0 END) AS accepted,
    SUM(CASE WHEN stage = 'shown' THEN 1 ELSE 0 END) AS shown,
    SUM(CASE WHEN stage = 'pushed' THEN 1 ELSE 0 END) AS pushed,
    SUM(CASE WHEN stage = 'held' THEN 1 ELSE 0 END) AS held,
    SUM(CASE WHEN stage = 'retried' THEN 1 ELSE 0 END) AS retried,
    SUM(CASE WHEN stage = 'mailed' THEN 1 ELSE 0 END) AS mailed,
    SUM(CASE WHEN stage = 'withdrawn' THEN 1 ELSE 0 END) AS withdrawn,
    SUM(CASE WHEN stage = 'deadLettered' THEN 1 ELSE 0 END) AS deadLettered
  FROM ${facts_once}
  GROUP BY type, channel, day
)
SELECT c.type, c.channel, c.day, c.accepted, c.shown, c.pushed, c.held, c.retried, c.mailed, c.withdrawn, c.deadLettered,
  COALESCE(t.timed, 0) AS timed, COALESCE(t.medianMicros, 0) AS medianMicros, COALESCE(t.p95Micros, 0) AS p95Micros
FROM counts AS c
LEFT JOIN times AS t ON t.type = c.type AND t.channel = c.channel AND t.day = c.day
