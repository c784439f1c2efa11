package archive

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

// Messages streams the messages of the index's span, in their order ([Message.Compare]), and a message that is there twice, twice. It ends with an error at
// an object that is not what the index says ([Fault]), before it gives any message of that.
//
// It holds those objects whose times overlap: as many as Pub/Sub writes side by side, of 10 MB each, and the last one of an outage.
func (a *Archive) Messages(ctx context.Context, x Index) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		open, next := &cursors{}, 0
		for {
			for next < len(x.Objects) && (open.Len() == 0 || !x.Objects[next].First.After((*open)[0][0].Published)) {
				messages, err := a.verified(ctx, x.Objects[next])
				if err != nil {
					yield(Message{}, err)
					return
				}
				next++
				if len(messages) > 0 {
					heap.Push(open, messages)
				}
			}
			if open.Len() == 0 {
				return
			}
			m := (*open)[0][0]
			if (*open)[0] = (*open)[0][1:]; len((*open)[0]) == 0 {
				heap.Pop(open)
			} else {
				heap.Fix(open, 0)
			}
			if m.Published.Before(x.From) {
				continue
			}
			if !m.Published.Before(x.To) || !yield(m, nil) {
				return // the others are later
			}
		}
	}
}

// verified reads an object, if it is what the index says.
func (a *Archive) verified(ctx context.Context, want Object) ([]Message, error) {
	content, err := a.read(ctx, want.Name)
	if err != nil {
		return nil, err
	}
	if got := hashOf(content); got != want.SHA256 {
		return nil, &Fault{want.Name, fmt.Sprintf("was changed: its SHA-256 is %s, and was %s", got, want.SHA256)}
	}
	return decode(want.Name, content)
}

// Check reads all objects of the index, and returns what is wrong, the index's own faults first.
func (a *Archive) Check(ctx context.Context, x Index) (faults []*Fault, err error) {
	known := map[string]bool{}
	for _, f := range x.Faults {
		known[f.Object], faults = true, append(faults, f)
	}
	for _, o := range x.Objects {
		if known[o.Name] {
			continue
		}
		_, err := a.verified(ctx, o)
		if f := new(Fault); errors.As(err, &f) {
			faults = append(faults, f)
		} else if err != nil {
			return faults, err
		}
	}
	return faults, nil
}

// Day is a day of the archive.
type Day struct {
	Day     string `json:"day"`
	Sealed  bool   `json:"sealed"`
	Objects int    `json:"objects"`
}

// Days tells of each day from a day to another one whether it is sealed. Days without objects and without a manifest are left out.
func (a *Archive) Days(ctx context.Context, from, to time.Time) (days []Day, err error) {
	for d := day(from); !d.After(day(to)); d = d.AddDate(0, 0, 1) {
		_, sealed, err := a.manifest(ctx, d)
		if err != nil {
			return days, err
		}
		listed, err := a.list(ctx, d)
		if err != nil {
			return days, err
		}
		if sealed || len(listed) > 0 {
			days = append(days, Day{d.Format(time.DateOnly), sealed, len(listed)})
		}
	}
	return days, nil
}

// cursors are what is left of the messages of objects, as a heap: the one with the first message is first. None is empty.
type cursors [][]Message

func (c cursors) Len() int           { return len(c) }
func (c cursors) Less(i, j int) bool { return c[i][0].Compare(c[j][0]) < 0 }
func (c cursors) Swap(i, j int)      { c[i], c[j] = c[j], c[i] }
func (c *cursors) Push(x any)        { *c = append(*c, x.([]Message)) }
func (c *cursors) Pop() any {
	last := (*c)[len(*c)-1]
	*c = (*c)[:len(*c)-1]
	return last
}
