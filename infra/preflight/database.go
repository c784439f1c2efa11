package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// indexFile is firestore.indexes.json.
type indexFile struct {
	Indexes []struct {
		CollectionGroup string       `json:"collectionGroup"`
		QueryScope      string       `json:"queryScope"`
		Fields          []indexField `json:"fields"`
	} `json:"indexes"`
	FieldOverrides []struct {
		CollectionGroup string `json:"collectionGroup"`
		FieldPath       string `json:"fieldPath"`
		TTL             bool   `json:"ttl"`
		Indexes         []struct {
			QueryScope  string `json:"queryScope"`
			Order       string `json:"order"`
			ArrayConfig string `json:"arrayConfig"` // instead of an order
		} `json:"indexes"`
	} `json:"fieldOverrides"`
}

type indexField struct {
	FieldPath   string `json:"fieldPath"`
	Order       string `json:"order,omitempty"`
	ArrayConfig string `json:"arrayConfig,omitempty"` // instead of an order: CONTAINS
}

// storedIndex is an index as Firestore's API tells of it.
type storedIndex struct {
	Name       string       `json:"name"` // …/collectionGroups/GROUP/indexes/ID
	QueryScope string       `json:"queryScope"`
	State      string       `json:"state"`
	Fields     []indexField `json:"fields"`
}

func (w *wanted) database() string {
	return "https://firestore.googleapis.com/v1/projects/" + w.project + "/databases/(default)"
}

func lookAtDatabase(ctx context.Context, w *wanted, a ask) (found []finding, err error) {
	var db struct {
		Type       string `json:"type"`
		LocationID string `json:"locationId"`
	}
	if err := a.get(ctx, w.database(), &db); err != nil {
		return nil, err
	}
	if db.Type != "FIRESTORE_NATIVE" {
		found = append(found, finding{Missing: "(default) is in the mode " + db.Type + "; FIRESTORE_NATIVE was expected", Do: "gcloud firestore databases update --type=firestore-native --project=" + w.project + " (only while it is empty)"})
	}
	if db.LocationID != w.location {
		found = append(found, finding{Missing: fmt.Sprintf("(default) is in %s; %s was expected, and a database cannot move", db.LocationID, w.location), Do: fmt.Sprintf("firestore_location = %q in terraform.tfvars", db.LocationID)})
	}
	return found, nil
}

func lookAtRules(ctx context.Context, w *wanted, a ask) ([]finding, error) {
	var release struct {
		RulesetName string `json:"rulesetName"`
	}
	const base = "https://firebaserules.googleapis.com/v1/"
	if err := a.get(ctx, base+"projects/"+w.project+"/releases/cloud.firestore", &release); errors.Is(err, errNotFound) {
		return []finding{{Missing: "no rules are released, so no client may read anything", Do: apply}}, nil
	} else if err != nil {
		return nil, err
	}
	var ruleset struct {
		Source struct {
			Files []struct {
				Content string `json:"content"`
			} `json:"files"`
		} `json:"source"`
	}
	if err := a.get(ctx, base+release.RulesetName, &ruleset); err != nil {
		return nil, err
	}
	if len(ruleset.Source.Files) != 1 || ruleset.Source.Files[0].Content != w.rules {
		return []finding{{Missing: "what is released is not infra/firestore.rules", Do: apply}}, nil
	}
	return nil, nil
}

func lookAtIndexes(ctx context.Context, w *wanted, a ask) (found []finding, err error) {
	stored, err := listOf[storedIndex](ctx, a, w.database()+"/collectionGroups/-/indexes", "indexes")
	if err != nil {
		return nil, err
	}
	states := map[string]string{}
	for _, s := range stored {
		states[indexKey(segment(s.Name, "collectionGroups"), s.QueryScope, s.Fields)] = s.State
	}
	for _, i := range w.indexes.Indexes {
		key := indexKey(i.CollectionGroup, i.QueryScope, i.Fields)
		switch state := states[key]; state {
		case "READY":
		case "":
			found = append(found, finding{Missing: key + " is missing", Do: apply})
		default:
			found = append(found, finding{Missing: key + " is " + state + "; READY was expected", Do: "wait"})
		}
	}
	return found, nil
}

// indexKey names an index. Firestore adds the document's name to each; it says nothing new.
func indexKey(group, scope string, fields []indexField) string {
	parts := []string{group, scope}
	for _, f := range fields {
		if f.FieldPath != "__name__" {
			parts = append(parts, f.FieldPath+" "+f.Order+f.ArrayConfig)
		}
	}
	return strings.Join(parts, " ")
}

// lookAtFields compares exemptions, single indexes and TTL. It lists the first few that differ.
func lookAtFields(ctx context.Context, w *wanted, a ask) (found []finding, err error) {
	type field struct {
		Name        string `json:"name"` // …/collectionGroups/GROUP/fields/PATH
		IndexConfig struct {
			Indexes []storedIndex `json:"indexes"`
		} `json:"indexConfig"`
		TTLConfig *struct {
			State string `json:"state"`
		} `json:"ttlConfig"`
	}
	stored, err := listOf[field](ctx, a, w.database()+"/collectionGroups/-/fields?filter=indexConfig.usesAncestorConfig:false%20OR%20ttlConfig:*&pageSize=300", "fields")
	if err != nil {
		return nil, err
	}
	is := map[string]string{}
	for _, f := range stored {
		var indexes []string
		for _, i := range f.IndexConfig.Indexes {
			for _, of := range i.Fields {
				indexes = append(indexes, i.QueryScope+" "+of.Order+of.ArrayConfig)
			}
		}
		ttl := ""
		if f.TTLConfig != nil {
			ttl = f.TTLConfig.State
		}
		is[segment(f.Name, "collectionGroups")+"."+segment(f.Name, "fields")] = fieldSettings(indexes, ttl)
	}
	var differ []string
	for _, o := range w.indexes.FieldOverrides {
		var indexes []string
		for _, i := range o.Indexes {
			indexes = append(indexes, i.QueryScope+" "+i.Order+i.ArrayConfig)
		}
		ttl := ""
		if o.TTL {
			ttl = "ACTIVE"
		}
		name := o.CollectionGroup + "." + o.FieldPath
		if want, got := fieldSettings(indexes, ttl), is[name]; got != want {
			if got == "" {
				got = "indexed like any field"
			}
			differ = append(differ, fmt.Sprintf("%s is %s; %s was expected", name, got, want))
		}
	}
	const few = 3
	for _, d := range differ[:min(few, len(differ))] {
		found = append(found, finding{Missing: d, Do: apply})
	}
	if more := len(differ) - few; more > 0 {
		found = append(found, finding{Missing: fmt.Sprintf("and %d more", more), Do: apply})
	}
	return found, nil
}

// fieldSettings describes how a field is indexed, and whether it is the TTL field.
func fieldSettings(indexes []string, ttl string) string {
	slices.Sort(indexes)
	said := "not indexed"
	if len(indexes) > 0 {
		said = "indexed " + strings.Join(indexes, ", ")
	}
	if ttl != "" {
		said += ", TTL " + ttl
	}
	return said
}

// segment is what follows a segment in the name of a resource: of a/b/c/d, after "a" it is "b".
func segment(name, after string) string {
	parts := strings.Split(name, "/")
	if i := slices.Index(parts, after); i >= 0 && i+1 < len(parts) {
		return parts[i+1]
	}
	return ""
}
