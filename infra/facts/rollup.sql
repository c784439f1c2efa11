-- The view facts_rollup: the numbers of fact.RollUp, to the last digit. A percentile is the nearest rank, found without a division.
-- BigQuery and SQLite both run this text; ${facts_once} is the view's name.
WITH told AS (
  SELECT id, type, channel, day, person, item, revision, happenedAt, acceptedAt
  FROM ${facts_once}
  WHERE stage IN ('shown', 'pushed', 'mailed')
), done AS ( -- what came of what was told: one row for each stage
  SELECT t.id, t.type, t.channel, t.day, d.stage,
    CASE WHEN MIN(d.happenedAt) < t.happenedAt THEN 0 ELSE MIN(d.happenedAt) - t.happenedAt END AS took
  FROM told AS t
  JOIN ${facts_once} AS d ON d.person = t.person AND d.item = t.item AND d.revision >= t.revision
  WHERE d.person <> '' AND d.item <> ''
    AND (d.stage IN ('seen', 'opened', 'acted') OR d.stage IN ('displayed', 'dismissed') AND d.channel = t.channel)
  GROUP BY t.id, t.type, t.channel, t.day, t.happenedAt, d.stage
), muted AS ( -- 604800000000 microseconds are a week
  SELECT t.id, t.type, t.channel, t.day
  FROM told AS t
  JOIN ${facts_once} AS h ON h.person = t.person AND h.type = t.type AND h.channel = t.channel
  WHERE h.person <> '' AND h.stage = 'held' AND h.happenedAt > t.happenedAt AND h.happenedAt <= t.happenedAt + 604800000000
    AND (h.reason = 'preference' OR h.reason = 'mute' AND h.item = t.item AND t.item <> '')
  GROUP BY t.id, t.type, t.channel, t.day
), timed AS (
  SELECT 'told' AS what, type, channel, day, happenedAt - acceptedAt AS took FROM told WHERE acceptedAt > 0
  UNION ALL
  SELECT stage AS what, type, channel, day, took FROM done WHERE stage IN ('seen', 'acted')
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
), steps AS (
  SELECT type, channel, day, stage FROM ${facts_once} WHERE stage NOT IN ('displayed', 'seen', 'opened', 'acted', 'dismissed')
  UNION ALL
  SELECT type, channel, day, stage FROM done
  UNION ALL
  SELECT type, channel, day, 'mutedAfter' AS stage FROM muted
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
    SUM(CASE WHEN stage = 'deadLettered' THEN 1 ELSE 0 END) AS deadLettered,
    SUM(CASE WHEN stage = 'displayed' THEN 1 ELSE 0 END) AS displayed,
    SUM(CASE WHEN stage = 'seen' THEN 1 ELSE 0 END) AS seen,
    SUM(CASE WHEN stage = 'opened' THEN 1 ELSE 0 END) AS opened,
    SUM(CASE WHEN stage = 'acted' THEN 1 ELSE 0 END) AS acted,
    SUM(CASE WHEN stage = 'dismissed' THEN 1 ELSE 0 END) AS dismissed,
    SUM(CASE WHEN stage = 'mutedAfter' THEN 1 ELSE 0 END) AS mutedAfter
  FROM steps
  GROUP BY type, channel, day
)
SELECT c.type, c.channel, c.day, c.accepted, c.shown, c.pushed, c.held, c.retried, c.mailed, c.bounced, c.unsubscribed, c.withdrawn, c.deadLettered,
  COALESCE(t.timed, 0) AS timed, COALESCE(t.medianMicros, 0) AS medianMicros, COALESCE(t.p95Micros, 0) AS p95Micros,
  c.displayed, c.seen, c.opened, c.acted, c.dismissed, c.mutedAfter,
  COALESCE(t.seenMedianMicros, 0) AS seenMedianMicros, COALESCE(t.seenP95Micros, 0) AS seenP95Micros,
  COALESCE(t.actedMedianMicros, 0) AS actedMedianMicros, COALESCE(t.actedP95Micros, 0) AS actedP95Micros
FROM counts AS c
LEFT JOIN times AS t ON t.type = c.type AND t.channel = c.channel AND t.day = c.day
