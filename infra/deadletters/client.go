package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"tidings.dev/infra/operator"
)

// A letter is what the list says of a dead letter.
type letter struct {
	ID           string            `json:"id"`
	Reason       string            `json:"reason"`
	Attempts     int               `json:"attempts"`
	Subscription string            `json:"subscription"`
	Recipients   []string          `json:"recipients"`
	Attributes   map[string]string `json:"attributes"`
	FailedAt     time.Time         `json:"failedAt"`
	ReplayedAt   *time.Time        `json:"replayedAt"`
}

// A filter chooses letters. The function looks at the reason, and this program at the rest.
type filter struct {
	reason, subscription string
	fresh                bool // only what nobody has replayed
}

// takes compares the subscription's short name: the subscriber writes the long one, and Pub/Sub the short one.
func (f filter) takes(l letter) bool {
	return (f.subscription == "" || f.subscription == path.Base(l.Subscription)) && (!f.fresh || l.ReplayedAt == nil)
}

// A client calls the function deadletters.
type client struct{ *operator.Client }

// function is what is called.
var function = operator.Function{Path: "/v1/dead-letters", Output: "dead_letters", Local: "http://127.0.0.1:7403/v1/dead-letters"}

// page returns one page of what the filter takes and the cursor of the next one, "" at the end. Pages of which the filter takes nothing are passed over.
func (c *client) page(ctx context.Context, f filter, cursor string) (found []letter, next string, err error) {
	for next = cursor; ; {
		query := url.Values{}
		for key, value := range map[string]string{"reason": f.reason, "cursor": next} {
			if value != "" {
				query.Set(key, value)
			}
		}
		body, err := c.Call(ctx, http.MethodGet, "?"+query.Encode())
		if err != nil {
			return nil, "", err
		}
		var answer struct {
			DeadLetters []letter
			Cursor      string
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			return nil, "", fmt.Errorf("the answer from %s is no list: %w", c.URL, err)
		}
		for _, l := range answer.DeadLetters {
			if f.takes(l) {
				found = append(found, l)
			}
		}
		if next = answer.Cursor; next == "" || len(found) > 0 {
			return found, next, nil
		}
	}
}

// all returns the latest letters that the filter takes, and whether there may be more than that.
func (c *client) all(ctx context.Context, f filter, most int) (found []letter, more bool, err error) {
	for cursor := ""; ; {
		letters, next, err := c.page(ctx, f, cursor)
		if err != nil {
			return nil, false, err
		}
		found = append(found, letters...)
		if len(found) > most {
			return found[:most], true, nil
		}
		if cursor = next; cursor == "" || len(found) == most {
			return found, cursor != "", nil
		}
	}
}

// show prints a letter.
func (c *client) show(ctx context.Context, id string, out io.Writer) error {
	body, err := c.Call(ctx, http.MethodGet, "/"+url.PathEscape(id))
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := json.Indent(&text, body, "", "  "); err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, strings.TrimSpace(text.String()))
	return err
}

func (c *client) replay(ctx context.Context, id string) error {
	_, err := c.Call(ctx, http.MethodPost, "/"+url.PathEscape(id)+":replay")
	return err
}

func (c *client) discard(ctx context.Context, id string) error {
	_, err := c.Call(ctx, http.MethodPost, "/"+url.PathEscape(id)+":discard")
	return err
}
