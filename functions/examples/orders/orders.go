// Package orders is an example of a product's own events, told in its own words: an order system posts CloudEvents about
// what happens to an order, and the customer has one item for it whose text and progress move on.
//
//	{"specversion": "1.0", "id": "e-17", "source": "/shop", "type": "com.example.order.shipped", "subject": "order/1001",
//	 "data": {"customer": "bob", "title": "Order 1001", "url": "/orders/1001", "carrier": "DHL"}}
package orders

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"tidings.dev/shared/cloudevent"
	"tidings.dev/shared/event"
	"tidings.dev/shared/problem"
	"tidings.dev/shared/producers"
	"tidings.dev/shared/source"
)

// Source is an order system. It implements [source.Source].
type Source struct {
	Producers *producers.Allowed // the order system is a producer like those that call publish
}

// Name is the function's.
func (*Source) Name() string { return "orders" }

// Verify asks for a producer's token.
func (s *Source) Verify(r *http.Request, _ []byte) error {
	_, err := s.Sender(r)
	return err
}

// Sender is the producer whose token the request has: an order system may send what its grant allows.
func (s *Source) Sender(r *http.Request) (*producers.Producer, error) {
	return s.Producers.Authenticate(r)
}

// steps is an order's way, by the end of the CloudEvent's type: whatever stands before "order." is the system's own name.
// The number is the progress in percent that the item then shows; a cancelled order shows none.
var steps = map[string]int{
	"order.placed": 10, "order.paid": 30, "order.shipped": 60, "order.out_for_delivery": 85, "order.delivered": 100, "order.cancelled": 0,
}

// order is the data of the CloudEvents.
type order struct {
	Customer   string   `json:"customer"`   // uid
	Recipients []string `json:"recipients"` // uids, where it is not the customer alone
	Title      string   `json:"title"`      // "Order 1001"; made of the subject if it is left out
	URL        string   `json:"url"`
	Carrier    string   `json:"carrier"`
	Tracking   string   `json:"tracking"`
	ExpectedAt string   `json:"expectedAt"`
}

// Map makes one event of each CloudEvent; of a batch all or, if one is wrong, none.
func (s *Source) Map(header http.Header, body []byte) (source.Mapped, error) {
	mode := cloudevent.ModeOf(header)
	if mode == cloudevent.None || mode == cloudevent.Unsupported {
		return source.Mapped{}, problem.New(http.StatusBadRequest, "the request is no CloudEvent in JSON: neither its Content-Type nor a header Ce-Specversion says so")
	}
	batch, err := cloudevent.Read(header, body)
	if err != nil {
		return source.Mapped{}, err
	}
	mapped := source.Mapped{Why: "the batch is empty"}
	var wrong event.FieldErrors
	for i := range batch {
		step, known := stepOf(batch[i].Type)
		if !known {
			mapped.Why = fmt.Sprintf("unknown event type %s; the end of %s was expected", source.Line(batch[i].Type, 100), "order.placed, paid, shipped, out_for_delivery, delivered or cancelled")
			continue
		}
		e, f := read(&batch[i], step)
		if mode == cloudevent.Batched {
			f = f.At(i)
		}
		wrong = append(wrong, f...)
		mapped.Events = append(mapped.Events, source.Event{Event: e})
	}
	if len(wrong) > 0 {
		return source.Mapped{}, wrong
	}
	if len(mapped.Events) > 0 {
		mapped.Why = ""
	}
	return mapped, nil
}

func stepOf(ceType string) (string, bool) {
	for step := range steps {
		if ceType == step || strings.HasSuffix(ceType, "."+step) {
			return step, true
		}
	}
	return "", false
}

// read makes an event of a CloudEvent. Whatever is wrong with it is told by field. The order's number names it within the event's
// source: two shops have an order 1001 each.
func read(ce *cloudevent.Event, step string) (e event.Event, wrong event.FieldErrors) {
	var o order
	data, err := ce.JSON()
	if err == nil {
		if wrong = event.CheckJSON(data); len(wrong) == 0 {
			err = json.Unmarshal(data, &o)
		}
		if err != nil {
			wrong = event.WrongJSON(err)
		}
		wrong = wrong.Within("data")
	} else {
		errors.As(err, &wrong)
	}
	if len(wrong) > 0 {
		return e, wrong
	}
	number := strings.TrimPrefix(ce.Subject, "order/")
	if number == "" {
		wrong.Add("subject", "is missing; it names the order: \"order/1001\"")
	}
	if o.Customer != "" {
		o.Recipients = append(o.Recipients, o.Customer)
	}
	if len(o.Recipients) == 0 {
		wrong.Add("data.customer", "is missing; it is the uid of whoever ordered")
	}
	shown := map[string]any{"step": strings.TrimPrefix(step, "order.")}
	if progress := steps[step]; progress > 0 {
		shown["progress"] = progress
	}
	for key, value := range map[string]string{"carrier": o.Carrier, "tracking": o.Tracking, "expectedAt": o.ExpectedAt} {
		if value != "" {
			shown[key] = value
		}
	}
	e = event.Event{
		ID: ce.ID, Source: ce.Source, Type: step, Time: ce.Time, Recipients: o.Recipients, Data: shown,
		Target: event.Target{Type: "order", ID: number, Source: ce.Source, Title: cmp.Or(o.Title, "Order "+number), URL: o.URL},
	}
	return e, wrong
}
