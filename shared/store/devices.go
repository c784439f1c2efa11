package store

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"tidings.dev/shared/profile"
	"tidings.dev/shared/store/wire"
)

// MaxDevices is how many devices of one person are pushed to. The next one takes the place of the one that registered the
// longest time ago.
const MaxDevices = 100

// maxDocuments is how many devices of one person are read at a time. Rules cannot count documents, so there
// may be more; what is too much is deleted, and the deletion calls for the next look.
const maxDocuments = 2 * MaxDevices

// registration is a device as its own document says.
type registration struct {
	profile.Device
	name string    // of the document
	at   time.Time // the document's update time: when it registered, by the server's clock
}

// later orders the registrations of one target: the one that registered last has it. What a client says of its time
// decides nothing.
func (r registration) later(other registration) bool {
	return cmp.Or(r.at.Compare(other.at), cmp.Compare(r.name, other.name)) > 0
}

// target is a push target, in the form that names its claim: targets/{hash}.
func target(d profile.Device) string {
	sum := sha256.Sum256([]byte(d.Kind + "\x00" + d.Value))
	return hex.EncodeToString(sum[:])
}

// claim says which registration a push target belongs to. One installation is one registration, so that a device which is
// signed in twice, or whose user has changed, is told once, and of its present user only.
type claim struct {
	uid, device string
	exists      bool
	read        time.Time
}

// keepClaim is how long after its device registered a claim may be removed: its registration has been pruned by then.
const keepClaim = 2 * profile.Stale

// MirrorDevices brings the copies in a person's profile in line with their devices' own documents. It may be called at any
// time, any number of times. Devices beyond [MaxDevices] are deleted, the stalest first. Of several registrations of one push
// target, by this person or by others, only the last one stays, by the time at which the server took it: a registration
// takes a target over until the next one, and no client can say that it came later than it did.
//
// Where others change the profile all the time it returns [ErrConflict]: call again.
// It costs one read for the profile and one for each device, and three more for each target that changes hands.
func (s *Store) MirrorDevices(ctx context.Context, uid string) error {
	err := settle(ctx, func() error { return s.mirrorDevices(ctx, uid) })
	if err != nil {
		return fmt.Errorf("store: mirror the devices of %q: %w", uid, err)
	}
	return nil
}

func (s *Store) mirrorDevices(ctx context.Context, uid string) error {
	before, err := s.readCopies(ctx, uid)
	if err != nil {
		return err
	}
	docs, err := s.query(ctx, s.resource("users", uid), &pb.StructuredQuery{
		From: []*pb.StructuredQuery_CollectionSelector{{CollectionId: "devices"}}, Limit: wrapperspb.Int32(maxDocuments),
	})
	if err != nil {
		return err
	}
	var found []registration
	for _, doc := range docs {
		found = append(found, s.registered(doc))
	}
	p := planDevices(uid, before, found)
	claims, err := s.claims(ctx, p.changed())
	if err != nil {
		return err
	}
	rivals, copied, err := s.rivals(ctx, uid, claims)
	if err != nil {
		return err
	}
	p.settleRivals(rivals)
	return s.commit(ctx, p.writes(s, claims, copied))
}

// claims reads who holds the targets of the registrations.
func (s *Store) claims(ctx context.Context, of []registration) (map[string]claim, error) {
	var names []string
	for _, r := range of {
		names = append(names, s.resource("targets", target(r.Device)))
	}
	claims := map[string]claim{}
	err := s.get(ctx, names, func(doc *pb.Document) error {
		claims[s.path(doc)[1]] = claim{
			uid: doc.Fields["uid"].GetStringValue(), device: doc.Fields["device"].GetStringValue(), exists: true, read: doc.UpdateTime.AsTime(),
		}
		return nil
	})
	return claims, err
}

// rivals reads the registrations of other people that hold the claims, by target, and the copies in those people's profiles,
// by the profile's name.
func (s *Store) rivals(ctx context.Context, uid string, claims map[string]claim) (map[string]registration, map[string]fields, error) {
	var names []string
	for _, c := range claims {
		if c.uid != uid && isID(c.uid) && isID(c.device) {
			names = append(names, s.resource("users", c.uid, "devices", c.device), s.resource("users", c.uid))
		}
	}
	slices.Sort(names)
	found, copied := map[string]registration{}, map[string]fields{}
	err := s.get(ctx, slices.Compact(names), func(doc *pb.Document) error {
		if len(s.path(doc)) == 2 {
			copied[doc.Name] = inside(doc.Fields["devices"])
			return nil
		}
		r := s.registered(doc)
		t := target(r.Device)
		if c := claims[t]; c.uid == r.UID && c.device == r.ID { // it may have another target by now
			found[t] = r
		}
		return nil
	})
	return found, copied, err
}

// registered is the device in its own document.
func (s *Store) registered(doc *pb.Document) registration {
	path := s.path(doc)
	return registration{Device: decodeDevice(path[1], path[3], wire.Read(doc).Fields), name: doc.Name, at: doc.UpdateTime.AsTime()}
}

func decodeDevice(uid, id string, d wire.Fields) profile.Device {
	return profile.Device{
		UID: uid, ID: id, Kind: d.Get("kind").Text(), Value: d.Get("value").Text(),
		Platform: d.Get("platform").Text(), Locale: d.Get("locale").Text(), LastSeenAt: d.Get("lastSeenAt").Time(),
	}
}

func encodeDevice(d profile.Device) *pb.Value {
	return object(field{"kind", text(d.Kind)}, field{"value", text(d.Value)}, field{"platform", text(d.Platform)},
		field{"locale", text(d.Locale)}, field{"lastSeenAt", moment(d.LastSeenAt)})
}

// decodeCopy reads the copy in a profile.
func decodeCopy(uid, id string, v *pb.Value) profile.Device {
	return decodeDevice(uid, id, wire.Read(&pb.Document{Fields: inside(v)}).Fields)
}

// decodeDevices reads the copies in a profile, the device seen last first.
func decodeDevices(uid string, copies wire.Fields) []profile.Device {
	devices := make([]profile.Device, 0, copies.Len())
	for id, v := range copies.All() {
		devices = append(devices, decodeDevice(uid, id, v.Map()))
	}
	slices.SortFunc(devices, func(a, b profile.Device) int { return b.LastSeenAt.Compare(a.LastSeenAt) })
	return devices
}
