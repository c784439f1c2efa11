package store

import pb "cloud.google.com/go/firestore/apiv1/firestorepb"

// uidsField is the field of a list of an audience that has its people, by their uids. The product writes lists, at any time. So what is changed about one person
// is a change of the list as it is then, and not a list that was read before.
const uidsField = "uids"

// listsWith selects the lists that have the person, without their people. It finds whatever is in a collection of that name: see [isList].
func listsWith(uid string) *pb.StructuredQuery {
	return &pb.StructuredQuery{
		Select: only(documentName),
		From:   []*pb.StructuredQuery_CollectionSelector{{CollectionId: "lists", AllDescendants: true}},
		Where:  where(uidsField, pb.StructuredQuery_FieldFilter_ARRAY_CONTAINS, str(uid)),
	}
}

// isList reports whether a document is a list of an audience. A product that keeps its own documents in this database may call a collection "lists", too.
func isList(path []string) bool {
	return len(path) == 4 && path[0] == "audiences" && path[2] == "lists"
}

// just is a list's field with nobody but the person.
func just(uid string) *pb.Value { return array([]*pb.Value{str(uid)}) }

// enlist adds the person to a list, once. A list that is not there is made.
func enlist(name, uid string) *pb.Write {
	return changeList(name, &pb.DocumentTransform_FieldTransform{
		FieldPath: uidsField, TransformType: &pb.DocumentTransform_FieldTransform_AppendMissingElements{AppendMissingElements: just(uid).GetArrayValue()},
	})
}

// unlist takes the person out of a list, however often they are in it. A list that is gone is an error (see [saved]), and is not made anew.
func unlist(name, uid string) *pb.Write {
	w := changeList(name, &pb.DocumentTransform_FieldTransform{
		FieldPath: uidsField, TransformType: &pb.DocumentTransform_FieldTransform_RemoveAllFromArray{RemoveAllFromArray: just(uid).GetArrayValue()},
	})
	w.CurrentDocument = &pb.Precondition{ConditionType: &pb.Precondition_Exists{Exists: true}}
	return w
}

func changeList(name string, change *pb.DocumentTransform_FieldTransform) *pb.Write {
	return &pb.Write{
		Operation:  &pb.Write_Update{Update: &pb.Document{Name: name}},
		UpdateMask: &pb.DocumentMask{}, UpdateTransforms: []*pb.DocumentTransform_FieldTransform{change},
	}
}
