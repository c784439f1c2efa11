package event

import "time"

// Everybody is the audience of an announcement. It has no members: an announcement is one document that all clients listen to, so it
// costs one write however many people there are. No grant of audiences covers it (shared/producers).
const Everybody = "everybody"

// An announcement ends, so that what a client reads when it opens stays little.
const (
	AnnouncementLife    = 14 * 24 * time.Hour // after its acceptance, where it names no expiresAt
	MaxAnnouncementLife = 90 * 24 * time.Hour // after it is sent
)

// ToEverybody reports whether the event is an announcement to everybody.
func (e *Event) ToEverybody() bool { return e.Audience == Everybody }

// announcement checks what does not go with an announcement. It belongs to nobody, so nobody can answer it, and it names nobody, so
// erasing a person need not look for it.
func (f *FieldErrors) announcement(e *Event, now time.Time) {
	if !e.ToEverybody() {
		return
	}
	if e.Retract {
		f.Add("retract", "stands beside the audience %q; DELETE /v1/events/{source}/{id} takes an announcement away", Everybody)
	}
	if e.Actor != (Actor{}) {
		f.Add("actor", "stands beside the audience %q; say in the title who announces it", Everybody)
	}
	if e.GroupKey != "" {
		f.Add("groupKey", "stands beside the audience %q; an announcement stands alone, so leave it out", Everybody)
	}
	if len(e.Actions) > 0 {
		f.Add("actions", "stands beside the audience %q, which nobody can answer for; lead to a page by target.url, or post to an audience with members", Everybody)
	}
	from := now
	if e.SendAt.After(now) {
		from = e.SendAt
	}
	if e.ExpiresAt.Sub(from) > MaxAnnouncementLife {
		f.Add("expiresAt", "lies more than %d days after the announcement is sent; name an earlier time", MaxAnnouncementLife/(24*time.Hour))
	}
}
