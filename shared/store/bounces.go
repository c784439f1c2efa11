package store

import (
	"context"
	"fmt"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"tidings.dev/shared/profile"
	"tidings.dev/shared/store/wire"
)

// mailBounce is the field of a profile in which functions keep its owner's [profile.Bounce].
const mailBounce = "mailBounce"

// KeepBounce stores what is known of a person's address; the zero value is nothing. It costs one write, and makes a profile
// where there is none: people get mails who have never said anything. One that an erasure has just removed goes in its second round.
func (s *Store) KeepBounce(ctx context.Context, uid string, b profile.Bounce) error {
	f := fields{}
	if b.Times > 0 {
		f[mailBounce] = object(field{"address", num(b.Address)}, field{"times", num(int64(b.Times))}, field{"at", moment(b.At)})
	}
	err := s.commit(ctx, []*pb.Write{{
		Operation:  &pb.Write_Update{Update: &pb.Document{Name: s.resource("users", uid), Fields: f}},
		UpdateMask: &pb.DocumentMask{FieldPaths: []string{mailBounce}},
	}})
	if err != nil {
		return fmt.Errorf("store: note a bounce: %w", err)
	}
	return nil
}

func decodeBounce(f wire.Fields) profile.Bounce {
	return profile.Bounce{Address: f.Get("address").Int(), Times: int(f.Get("times").Int()), At: f.Get("at").Time()}
}
