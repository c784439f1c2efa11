package store

import (
	pb "cloud.google.com/go/firestore/apiv1/firestorepb"

	"tidings.dev/shared/profile"
)

// pushBudget is the field of a profile in which functions keep its owner's [profile.Budget].
const pushBudget = "pushBudget"

// budget is the write of a person's budget, if there is one. Nothing else in the profile is touched, and whoever wrote the field meanwhile is
// overwritten. A profile that is gone does not come back.
func (s *Store) budget(w Write) []*pb.Write {
	if w.Budget == nil {
		return nil
	}
	return []*pb.Write{{
		Operation: &pb.Write_Update{Update: &pb.Document{Name: s.resource("users", w.UID), Fields: fields{
			pushBudget: object(field{"fullAt", moment(w.Budget.FullAt)}, field{"message", text(w.Budget.Message)}),
		}}},
		UpdateMask:      &pb.DocumentMask{FieldPaths: []string{pushBudget}},
		CurrentDocument: &pb.Precondition{ConditionType: &pb.Precondition_Exists{Exists: true}},
	}}
}

func decodeBudget(f fields) profile.Budget {
	return profile.Budget{FullAt: instant(f["fullAt"]), Message: f["message"].GetStringValue()}
}
