package store

import (
	"context"
	"fmt"
	"time"

	pb "cloud.google.com/go/firestore/apiv1/firestorepb"
)

// CountUnits adds units to what the sender has brought in, over all instances and for ever, and returns the sum; and the latest time that anybody has
// given as fullAt, to the microsecond. Both are in limits/{hash}. It costs one write and no read, since Firestore answers a write with what became of
// the numbers. A call that Firestore has carried out and whose answer was lost may count twice.
func (s *Store) CountUnits(ctx context.Context, sender string, units int64, fullAt time.Time) (total int64, latest time.Time, err error) {
	answer, err := s.raw.Commit(ctx, &pb.CommitRequest{Database: s.database, Writes: []*pb.Write{{
		Operation:  &pb.Write_Update{Update: &pb.Document{Name: s.resource("limits", hashed("limits", sender))}},
		UpdateMask: &pb.DocumentMask{},
		UpdateTransforms: []*pb.DocumentTransform_FieldTransform{
			{FieldPath: "units", TransformType: &pb.DocumentTransform_FieldTransform_Increment{Increment: num(units)}},
			{FieldPath: "fullAt", TransformType: &pb.DocumentTransform_FieldTransform_Maximum{Maximum: num(fullAt.UnixMicro())}}, // which knows numbers only
		},
	}}})
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("store: count units: %w", sentinel(err))
	}
	if all := answer.GetWriteResults(); len(all) == 1 && len(all[0].GetTransformResults()) == 2 {
		became := all[0].GetTransformResults()
		return became[0].GetIntegerValue(), time.UnixMicro(became[1].GetIntegerValue()), nil
	}
	return 0, time.Time{}, fmt.Errorf("store: count units: Firestore did not say the sum: %w", ErrTransient)
}
