package publish

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"

	cloudevents "github.com/cloudevents/sdk-go/v2"
	cehttp "github.com/cloudevents/sdk-go/v2/protocol/http"

	"tidings.dev/shared/event"
)

// readCloudEvent reads one CloudEvent, in structured or in binary mode.
func readCloudEvent(r *http.Request) ([]event.Event, error) {
	ce, err := cehttp.NewEventFromHTTPRequest(r)
	if err != nil {
		return nil, notCloudEvent(err)
	}
	e, err := fromCloudEvent(*ce)
	if err != nil {
		return nil, err
	}
	return []event.Event{e}, nil
}

// readCloudEventBatch reads a JSON array of CloudEvents. It is taken whole or not at all.
func readCloudEventBatch(r *http.Request) ([]event.Event, error) {
	batch, err := cehttp.NewEventsFromHTTPRequest(r)
	if err != nil {
		return nil, notCloudEvent(err)
	}
	if n := len(batch); n == 0 || n > event.MaxList {
		return nil, event.FieldErrors{{Field: "(request body)", Detail: fmt.Sprintf("has %d events; 1 to %d were expected", n, event.MaxList)}}
	}
	events := make([]event.Event, len(batch))
	var wrong event.FieldErrors
	for i, ce := range batch {
		var f event.FieldErrors
		if events[i], err = fromCloudEvent(ce); errors.As(err, &f) {
			wrong = append(wrong, f.At(i)...)
		}
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	return events, nil
}

// fromCloudEvent takes the attributes from the CloudEvent and everything else from its data, which has the fields of our own
// form. A subject "post/42" stands for the target {type: post, id: 42}. Extension attributes are let be, as CloudEvents asks.
func fromCloudEvent(ce cloudevents.Event) (event.Event, error) {
	var f event.FieldErrors
	if err := ce.Validate(); err != nil {
		f.Add("(request body)", "is not a valid CloudEvent: %s", strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
		return event.Event{}, f
	}
	if media, _, _ := mime.ParseMediaType(ce.DataContentType()); ce.DataContentType() != "" && media != "application/json" {
		f.Add("datacontenttype", "is %q; application/json was expected", ce.DataContentType())
		return event.Event{}, f
	}
	if len(ce.Data()) == 0 {
		f.Add("data", "is missing; it says who is to be told: {\"recipients\": […]}")
		return event.Event{}, f
	}
	e, err := event.Decode(ce.Data())
	if errors.As(err, &f) {
		for i := range f {
			f[i].Field = strings.TrimPrefix("data."+f[i].Field, "data.(request body)")
			if f[i].Field == "" {
				f[i].Field = "data"
			}
		}
		return event.Event{}, f
	}
	e.ID, e.Source, e.Type, e.Time = ce.ID(), ce.Source(), ce.Type(), ce.Time()
	if kind, id, ok := strings.Cut(ce.Subject(), "/"); ok && e.Target == (event.Target{}) {
		e.Target = event.Target{Type: kind, ID: id}
	}
	return e, nil
}

func notCloudEvent(err error) error {
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return tooLarge
	}
	return event.FieldErrors{{Field: "(request body)", Detail: fmt.Sprintf("is not a CloudEvent: %v", err)}}
}
