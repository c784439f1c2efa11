package store

import (
	"context"
	"fmt"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"tidings.dev/shared/event"
	"tidings.dev/shared/profile"
	"tidings.dev/shared/quiet"
	"tidings.dev/shared/store/wire"
)

// settingsFields are the fields of a profile that its owner writes.
var settingsFields = []string{"locale", "timeZone", "preferences", "mutes", "quietHours", "doNotDisturb", "digest", "pushesPerHour"}

// Settings reads what a person has said; the zero value is somebody who has said nothing. It is billed as one read.
func (s *Store) Settings(ctx context.Context, uid string) (profile.Settings, error) {
	settings, _, err := s.readSettings(ctx, uid)
	if err != nil {
		return settings, fmt.Errorf("store: settings of %s: %w", uid, err)
	}
	return settings, nil
}

func (s *Store) readSettings(ctx context.Context, uid string) (settings profile.Settings, read time.Time, err error) {
	doc, err := s.raw.GetDocument(ctx, &pb.GetDocumentRequest{Name: s.resource("users", uid), Mask: &pb.DocumentMask{FieldPaths: settingsFields}})
	switch {
	case status.Code(err) == codes.NotFound:
		return settings, read, nil
	case err != nil:
		return settings, read, sentinel(err)
	}
	return decodeSettings(wire.Read(doc).Fields), doc.UpdateTime.AsTime(), nil
}

// ChangeSettings has change work on what a person has said, stores what becomes of it, and has what is held back for them looked at
// within a minute. change is called again with newer settings where somebody else has written the profile meanwhile; an error of its ends the call
// and is returned as it is. Mutes that are over go. It costs one read and one write, more where it loses a race.
func (s *Store) ChangeSettings(ctx context.Context, uid string, now time.Time, change func(*profile.Settings) error) (settings profile.Settings, err error) {
	var refused error
	err = settle(ctx, func() error {
		var read time.Time
		if settings, read, err = s.readSettings(ctx, uid); err != nil {
			return err
		}
		if refused = change(&settings); refused != nil {
			return nil
		}
		settings.Expire(now)
		f := encodeSettings(settings)
		f[DueAt] = moment(now)
		return s.commit(ctx, []*pb.Write{{
			Operation:       &pb.Write_Update{Update: &pb.Document{Name: s.resource("users", uid), Fields: f}},
			UpdateMask:      &pb.DocumentMask{FieldPaths: append([]string{DueAt}, settingsFields...)}, // a field in the mask and not in the document goes
			CurrentDocument: unchanged(read),
		}})
	})
	if err != nil {
		return settings, fmt.Errorf("store: settings of %s: %w", uid, err)
	}
	return settings, refused
}

func encodeSettings(s profile.Settings) fields {
	preferences := fields{}
	for channel, categories := range s.Preferences {
		choices := fields{}
		for category, wanted := range categories {
			choices[category] = boolean(wanted)
		}
		preferences[string(channel)] = mapOf(choices)
	}
	mutes := fields{}
	for key, m := range s.Mutes {
		mutes[key] = object(field{"title", text(m.Title)}, field{"until", moment(m.Until)})
	}
	f := present([]field{{"locale", text(s.Locale)}, {"timeZone", text(s.TimeZone)}})
	if len(preferences) > 0 {
		f["preferences"] = mapOf(preferences)
	}
	if len(mutes) > 0 {
		f["mutes"] = mapOf(mutes)
	}
	if s.QuietHours.Enabled || len(s.QuietHours.Week) > 0 {
		week := fields{}
		for day, ranges := range s.QuietHours.Week {
			values := make([]*pb.Value, len(ranges))
			for i, r := range ranges {
				values[i] = str(string(r))
			}
			week[string(day)] = array(values)
		}
		f["quietHours"] = object(field{"enabled", boolean(s.QuietHours.Enabled)}, field{"week", mapOf(week)})
	}
	if s.DoNotDisturb != (profile.DoNotDisturb{}) {
		f["doNotDisturb"] = object(field{"enabled", boolean(s.DoNotDisturb.Enabled)}, field{"until", moment(s.DoNotDisturb.Until)})
	}
	if d := s.Digest; d != (profile.Digest{}) {
		f["digest"] = object(field{"every", text(string(d.Every))}, field{"at", text(d.At)}, field{"on", text(string(d.On))})
	}
	if s.PushesPerHour != nil {
		f["pushesPerHour"] = num(int64(*s.PushesPerHour))
	}
	return f
}

func mapOf(f fields) *pb.Value {
	return &pb.Value{ValueType: &pb.Value_MapValue{MapValue: &pb.MapValue{Fields: f}}}
}

// decodeSettings reads what is of the right type; the rest is as if it were not there.
func decodeSettings(f wire.Fields) profile.Settings {
	s := profile.Settings{Locale: f.Get("locale").Text(), TimeZone: f.Get("timeZone").Text()}
	for channel, v := range f.Get("preferences").Map().All() {
		choices := map[string]bool{}
		for category, wanted := range v.Map().All() {
			if is, ok := wanted.JSON().(bool); ok {
				choices[category] = is
			}
		}
		if s.Preferences == nil {
			s.Preferences = profile.Preferences{}
		}
		s.Preferences[event.Channel(channel)] = choices
	}
	for key, v := range f.Get("mutes").Map().All() {
		if s.Mutes == nil {
			s.Mutes = map[string]profile.Mute{}
		}
		m := v.Map()
		s.Mutes[key] = profile.Mute{Title: m.Get("title").Text(), Until: m.Get("until").Time()}
	}
	q := f.Get("quietHours").Map()
	s.QuietHours.Enabled = q.Get("enabled").Bool()
	for day, v := range q.Get("week").Map().All() {
		if s.QuietHours.Week == nil {
			s.QuietHours.Week = quiet.Schedule{}
		}
		for r := range v.List() {
			s.QuietHours.Week[quiet.Day(day)] = append(s.QuietHours.Week[quiet.Day(day)], quiet.Range(r.Text()))
		}
	}
	d := f.Get("doNotDisturb").Map()
	s.DoNotDisturb = profile.DoNotDisturb{Enabled: d.Get("enabled").Bool(), Until: d.Get("until").Time()}
	g := f.Get("digest").Map()
	if most := f.Get("pushesPerHour").Int(); most >= 1 && most <= profile.MaxPushesPerHour {
		s.PushesPerHour = new(int(most))
	}
	s.Digest = profile.Digest{Every: profile.Every(g.Get("every").Text()), At: g.Get("at").Text(), On: quiet.Day(g.Get("on").Text())}
	return s
}
