-- The view facts_rollup: the numbers of fact.RollUp, to the last digit. A percentile is the nearest rank, found without a division.
-- BigQuery and SQLite both run this text; ${facts_once} is the view's name.
-- It joins no steps: an item with thousands of states would be as many rows for each of them.
WITH once AS ( -- a deed is of a person and an item
  SELECT type, channel, day, stage, reason, person, item, revision, happenedAt, acceptedAt,
    CASE WHEN person <> '' AND item <> '' THEN stage END AS deed,
    CASE WHEN stage = 'held' AND person <> '' AND (reason = 'preference' OR reason = 'mute' AND item <> '') THEN reason END AS off
  FROM ${facts_once}
), steps AS ( -- each with when its person first did what about the item in this state or a later one, and how often the type was held
  -- within a week because they do not want it; 604800000000 microseconds are a week
  SELECT type, channel, day, stage, happenedAt, acceptedAt,
    MIN(CASE WHEN deed = 'displayed' THEN happenedAt END) OVER onChannel AS displayedAt,
    MIN(CASE WHEN deed = 'seen' THEN happenedAt END) OVER anywhere AS seenAt,
    MIN(CASE WHEN deed = 'opened' THEN happenedAt END) OVER anywhere AS openedAt,
    MIN(CASE WHEN deed = 'acted' THEN happenedAt END) OVER anywhere AS actedAt,
    MIN(CASE WHEN deed = 'dismissed' THEN happenedAt END) OVER onChannel AS dismissedAt,
    COUNT(CASE WHEN off = 'preference' THEN 1 END) OVER (
      PARTITION BY person, type, channel ORDER BY happenedAt RANGE BETWEEN 1 FOLLOWING AND 604800000000 FOLLOWING
    ) + COUNT(CASE WHEN off = 'mute' THEN 1 END) OVER (
      PARTITION BY person, type, channel, item ORDER BY happenedAt RANGE BETWEEN 1 FOLLOWING AND 604800000000 FOLLOWING
    ) AS mutes
  FROM once
  WINDOW anywhere AS (PARTITION BY person, item ORDER BY revision DESC), onChannel AS (PARTITION BY person, item, channel ORDER BY revision DESC)
), told AS (
  SELECT * FROM steps WHERE stage IN ('shown', 'pushed', 'mailed')
), timed AS (
  SELECT 'told' AS what, type, channel, day, happenedAt - acceptedAt AS took FROM told WHERE acceptedAt > 0
  UNION ALL
  SELECT 'seen' AS what, type, channel, day, CASE WHEN seenAt < happenedAt THEN 0 ELSE seenAt - happenedAt END AS took FROM told WHERE seenAt IS NOT NULL
  UNION ALL
  SELECT 'acted' AS what, type, channel, day, CASE WHEN actedAt < happenedAt THEN 0 ELSE actedAt - happenedAt END AS took FROM told WHERE actedAt IS NOT NULL
), placed AS (
  SELECT what, type, channel, day, took,
    ROW_NUMBER() OVER (PARTITION BY what, type, channel, day ORDER BY took) AS place,
    COUNT(*) OVER (PARTITION BY what, type, channel, day) AS total
  FROM timed
), times AS (
  SELECT type, channel, day,
    SUM(CASE WHEN what = 'told' THEN 1 ELSE 0 END) AS timed,
    MIN(CASE WHEN what = 'told' AND place * 100 >= total * 50 THEN took END) AS medianMicros,
    MIN(CASE WHEN what = 'told' AND place * 100 >= total * 95 THEN took END) AS p95Micros,
    MIN(CASE WHEN what = 'seen' AND place * 100 >= total * 50 THEN took END) AS seenMedianMicros,
    MIN(CASE WHEN what = 'seen' AND place * 100 >= total * 95 THEN took END) AS seenP95Micros,
    MIN(CASE WHEN what = 'acted' AND place * 100 >= total * 50 THEN took END) AS actedMedianMicros,
    MIN(CASE WHEN what = 'acted' AND place * 100 >= total * 95 THEN took END) AS actedP95Micros
  FROM placed
  GROUP BY type, channel, day
), came AS ( -- of what was told, to what it came
  SELECT type, channel, day, COUNT(displayedAt) AS displayed, COUNT(seenAt) AS seen, COUNT(openedAt) AS opened, COUNT(actedAt) AS acted,
    COUNT(dismissedAt) AS dismissed, SUM(CASE WHEN mutes > 0 THEN 1 ELSE 0 END) AS mutedAfter
  FROM told
  GROUP BY type, channel, day
), counts AS (
  SELECT type, channel, day,
    SUM(CASE WHEN stage = 'accepted' THEN 1 ELSE 0 END) AS accepted,
    SUM(CASE WHEN stage = 'shown' THEN 1 ELSE 0 END) AS shown,
    SUM(CASE WHEN stage = 'pushed' THEN 1 ELSE 0 END) AS pushed,
    SUM(CASE WHEN stage = 'held' THEN 1 ELSE 0 END) AS held,
    SUM(CASE WHEN stage = 'retried' THEN 1 ELSE 0 END) AS retried,
    SUM(CASE WHEN stage = 'mailed' THEN 1 ELSE 0 END) AS mailed,
    SUM(CASE WHEN stage = 'bounced' THEN 1 ELSE 0 END) AS bounced,
    SUM(CASE WHEN stage = 'unsubscribed' THEN 1 ELSE 0 END) AS unsubscribed,
    SUM(CASE WHEN stage = 'withdrawn' THEN 1 ELSE 0 END) AS withdrawn,
    SUM(CASE WHEN stage = 'deadLettered' THEN 1 ELSE 0 END) AS deadLettered
  FROM once
  WHERE stage NOT IN ('displayed', 'seen', 'opened', 'acted', 'dismissed')
  GROUP BY type, channel, day
)
SELECT c.type, c.channel, c.day, c.accepted, c.shown, c.pushed, c.held, c.retried, c.mailed, c.bounced, c.unsubscribed, c.withdrawn, c.deadLettered,
  COALESCE(t.timed, 0) AS timed, COALESCE(t.medianMicros, 0) AS medianMicros, COALESCE(t.p95Micros, 0) AS p95Micros,
  COALESCE(a.displayed, 0) AS displayed, COALESCE(a.seen, 0) AS seen, COALESCE(a.opened, 0) AS opened, COALESCE(a.acted, 0) AS acted,
  COALESCE(a.dismissed, 0) AS dismissed, COALESCE(a.mutedAfter, 0) AS mutedAfter,
  COALESCE(t.seenMedianMicros, 0) AS seenMedianMicros, COALESCE(t.seenP95Micros, 0) AS seenP95Micros,
  COALESCE(t.actedMedianMicros, 0) AS actedMedianMicros, COALESCE(t.actedP95Micros, 0) AS actedP95Micros
FROM counts AS c
LEFT JOIN came AS a ON a.type = c.type AND a.channel = c.channel AND a.day = c.day
LEFT JOIN times AS t ON t.type = c.type AND t.channel = c.channel AND t.day = c.day
