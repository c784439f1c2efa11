package store

import (
	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"tidings.dev/shared/profile"
	"tidings.dev/shared/store/wire"
)

// The fields of a profile in which functions keep its owner's [profile.Budget] and [profile.Received].
const (
	pushBudget = "pushBudget"
	received   = "received"
)

// Counted are items to be added to what a person has received.
type Counted struct {
	Hour  int64
	Items map[string]int // by stream: how many more
	First bool           // nothing of that hour is counted yet, so what is there goes
}

// profileWrite is the write of a person's budget and of what they have received, if there is one. Nothing else in the profile is touched, and whoever wrote the
// budget meanwhile is overwritten. A profile that is gone does not come back.
func (s *Store) profileWrite(w Write) []*pb.Write {
	if w.Budget == nil && w.Counted == nil {
		return nil
	}
	f, mask := fields{}, &pb.DocumentMask{}
	var added []*pb.DocumentTransform_FieldTransform
	if w.Budget != nil {
		f[pushBudget] = object(field{"fullAt", moment(w.Budget.FullAt)}, field{"message", text(w.Budget.Message)})
		mask.FieldPaths = append(mask.FieldPaths, pushBudget)
	}
	if c := w.Counted; c != nil && c.First {
		items := fields{}
		for stream, n := range c.Items {
			items[stream] = num(int64(n))
		}
		f[received] = object(field{"hour", num(c.Hour)}, field{"items", mapOf(items)})
		mask.FieldPaths = append(mask.FieldPaths, received)
	} else if c != nil {
		for stream, n := range c.Items {
			added = append(added, &pb.DocumentTransform_FieldTransform{
				FieldPath: received + ".items.`" + stream + "`", TransformType: &pb.DocumentTransform_FieldTransform_Increment{Increment: num(int64(n))},
			})
		}
	}
	return []*pb.Write{{
		Operation:        &pb.Write_Update{Update: &pb.Document{Name: s.resource("users", w.UID), Fields: f}},
		UpdateMask:       mask,
		UpdateTransforms: added,
		CurrentDocument:  &pb.Precondition{ConditionType: &pb.Precondition_Exists{Exists: true}},
	}}
}

func decodeBudget(f wire.Fields) profile.Budget {
	return profile.Budget{FullAt: f.Get("fullAt").Time(), Message: f.Get("message").Text()}
}

func decodeReceived(f wire.Fields) profile.Received {
	r := profile.Received{Hour: f.Get("hour").Int()}
	for stream, n := range f.Get("items").Map().All() {
		if r.Items == nil {
			r.Items = map[string]int{}
		}
		r.Items[stream] = int(n.Int())
	}
	return r
}
