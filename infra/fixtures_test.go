//go:build unix

package infra_test

import (
	"maps"
	"time"
)

// The documents as the functions or an honest client write them. Each has every field of its kind: what is not here, the
// tests take for unknown.

// now is when the tests began: for what is past, the same time however often it is written.
var now = time.Now()

func ago(d time.Duration) time.Time { return now.Add(-d) }

// ahead is a time from the moment it is sent, so that a slow run does not let the future become the past.
type ahead time.Duration

// item is a notification nobody has looked at.
func item() fields {
	return fields{
		"type": "friend.requested", "category": "social", "priority": "high", "rank": 2, "icon": "user-plus",
		"title": "Alice wants to be your friend", "body": "",
		"actors":     []any{fields{"id": "alice", "name": "Alice", "imageUrl": "", "at": ago(time.Hour)}},
		"actorCount": 1, "eventCount": 1, "entryCount": 1, "partCount": 1,
		"target": fields{"type": "user", "id": "bob", "title": "Bob", "url": "/users/bob"}, "url": "/users/alice",
		"actions":    []any{action("accept"), action("decline")},
		"doneAction": nil,
		"createdAt":  ago(2 * time.Hour), "updatedAt": ago(time.Hour), "latestAt": ago(time.Hour), "revision": 3,
		"seenAt": nil, "readAt": nil, "archivedAt": nil, "snoozedUntil": nil, "retractedAt": nil,
		"expireAt": now.Add(90 * 24 * time.Hour), "why": "recipient", "held": "", "muted": "",
		"groupId": "g1", "openedAt": ago(2 * time.Hour), "members": []byte{1, 2, 3}, "memory": []byte{4, 5, 6}, "named": []any{7},
		"own": fields{"title": true, "body": false, "actions": false}, "data": fields{"reason": "met at work"},
		"push":  fields{"at": ago(time.Hour), "revision": 3, "message": "m1"},
		"dueAt": ahead(time.Minute), "withdrawn": fields{"revision": 2, "message": "m0"},
		"mailAt": ahead(time.Minute), "mail": fields{"at": ago(time.Hour), "revision": 3},
	}
}

func action(id string) fields {
	return fields{"id": id, "label": "Label of " + id, "url": "/do/" + id, "style": ""}
}

// profile has every choice that a person can make.
func profile() fields {
	choice := fields{"social": true, "incident_reports": false}
	return fields{
		"locale": "pt-BR", "timeZone": "America/Sao_Paulo",
		"preferences":  fields{"in_app": choice, "push": choice, "email": choice},
		"mutes":        fields{"post/42": fields{"title": "A walk in the Alps", "until": ago(time.Hour)}},
		"quietHours":   fields{"enabled": true, "week": week("22:00-07:00")},
		"doNotDisturb": fields{"enabled": true, "until": ahead(time.Hour)},
		"digest":       fields{"every": "day", "at": "07:00"}, "pushesPerHour": 12,
		"dueAt": serverTime,
	}
}

// announcementID is an id as the functions make them.
const announcementID = "0123456789abcdefghijklmnuv"

// announcement is what everybody is told.
func announcement() fields {
	return fields{
		"type": "system.announcement", "category": "system", "priority": "medium", "rank": 1, "icon": "announcement", "url": "/news", "mutable": true,
		"title": "We are moving", "body": "On Sunday.", "words": fields{"de": fields{"title": "Wir ziehen um"}},
		"createdAt": ago(time.Hour), "updatedAt": ago(time.Hour), "expireAt": now.Add(14 * 24 * time.Hour),
	}
}

// announcementMark has everything that somebody can do about one.
func announcementMark() fields {
	return fields{"seenAt": serverTime, "readAt": serverTime, "archivedAt": serverTime, "snoozedUntil": ahead(time.Hour), "expireAt": ahead(14 * 24 * time.Hour)}
}

// week is a schedule with the same ranges each day.
func week(ranges ...any) fields {
	days := fields{}
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		days[day] = ranges
	}
	return days
}

func device() fields {
	return fields{"kind": "fid", "value": "fid-1", "platform": "web", "locale": "en", "lastSeenAt": serverTime}
}

func session() fields {
	return fields{"expiresAt": ahead(time.Minute), "target": "post/42", "visible": true}
}

func presence() fields {
	return fields{"expiresAt": ahead(time.Minute), "typing": false}
}

func withdrawal() fields {
	return fields{"expireAt": serverTime}
}

func membership() fields {
	return fields{"since": ago(time.Second)}
}

// audienceList has the people of an audience, or a part of them.
func audienceList(uids ...any) fields { return fields{"uids": uids} }

// tombstone is an item that was taken back: without the field by which the feed and the archive find items.
func tombstone() fields {
	return with(item(), fields{"archivedAt": removed, "retractedAt": ago(time.Minute), "eventCount": 0, "actorCount": 0})
}

// with is a copy of the document with some fields set or removed.
func with(document, changes fields) fields {
	changed := maps.Clone(document)
	for name, v := range changes {
		if v == removed {
			delete(changed, name)
			continue
		}
		changed[name] = v
	}
	return changed
}
