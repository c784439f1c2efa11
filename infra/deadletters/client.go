package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"path"
	"strings"
	"time"
)

// Where `go run ./emulator` serves the function, and an operator's token, unless it was given another -port-base.
const (
	emulatorURL   = "http://127.0.0.1:7403/v1/dead-letters"
	emulatorToken = "http://127.0.0.1:7400/operator-token"
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
type client struct {
	url, token string
	tokenURL   string // where a token can be had, if none is known; "": nowhere
	local      bool
}

// connect finds the address and the token.
func connect(ctx context.Context, o options) (*client, error) {
	c := &client{url: strings.TrimSuffix(o.url, "/"), token: o.token, local: o.emulator}
	if c.local {
		if c.url == "" {
			c.url, c.tokenURL = emulatorURL, emulatorToken
		}
		return c, nil
	}
	if c.url == "" {
		return nil, errors.New("-url is empty; give what `tofu -chdir=infra output -raw dead_letters` prints, or -emulator for the local stack")
	}
	if u, err := url.Parse(c.url); err != nil || u.Scheme != "https" || !strings.HasSuffix(u.Path, "/v1/dead-letters") {
		return nil, fmt.Errorf("-url is %q; https://…/v1/dead-letters was expected", o.url)
	}
	if c.token == "" {
		out, err := exec.CommandContext(ctx, "gcloud", "auth", "print-identity-token").Output()
		if err != nil {
			return nil, fmt.Errorf("gcloud auth print-identity-token: %w; run gcloud auth login, or give -token", err)
		}
		c.token = strings.TrimSpace(string(out))
	}
	return c, nil
}

// answerError is an answer other than 2xx.
type answerError struct {
	status int
	detail string
}

func (e *answerError) Error() string { return e.detail }

// call makes one request and returns the body of the answer.
func (c *client) call(ctx context.Context, method, rest string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.url+rest, nil)
	if err != nil {
		return nil, err
	}
	if c.token == "" && c.tokenURL != "" {
		token, err := (&client{url: c.tokenURL, local: true}).call(ctx, http.MethodGet, "")
		if err != nil {
			return nil, err
		}
		c.token = string(token)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		if c.local {
			err = fmt.Errorf("%w; does `go run ./emulator` run?", err)
		}
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<20))
	if err != nil || res.StatusCode < 300 {
		return body, err
	}
	return nil, &answerError{res.StatusCode, res.Status + ": " + explain(res.StatusCode, body)}
}

// explain says what a refusal means: the function's own words, or what is known of Cloud Run's.
func explain(status int, body []byte) string {
	var problem struct{ Detail string }
	if json.Unmarshal(body, &problem) == nil && problem.Detail != "" {
		return problem.Detail
	}
	switch status {
	case http.StatusUnauthorized:
		return "the token is not valid or is over; without -token a new one is asked for"
	case http.StatusForbidden:
		return "your account may not call the function; put it into `operators` in terraform.tfvars, and apply"
	case http.StatusNotFound:
		return "the function is not at this address"
	}
	return fmt.Sprintf("%.200s", bytes.TrimSpace(body))
}

// page returns one page of what the filter takes and the cursor of the next one, "" at the end. Pages of which the filter takes nothing are passed over.
func (c *client) page(ctx context.Context, f filter, cursor string) (found []letter, next string, err error) {
	for next = cursor; ; {
		query := url.Values{}
		for key, value := range map[string]string{"reason": f.reason, "cursor": next} {
			if value != "" {
				query.Set(key, value)
			}
		}
		body, err := c.call(ctx, http.MethodGet, "?"+query.Encode())
		if err != nil {
			return nil, "", err
		}
		var answer struct {
			DeadLetters []letter
			Cursor      string
		}
		if err := json.Unmarshal(body, &answer); err != nil {
			return nil, "", fmt.Errorf("the answer from %s is no list: %w", c.url, err)
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
	body, err := c.call(ctx, http.MethodGet, "/"+url.PathEscape(id))
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
	_, err := c.call(ctx, http.MethodPost, "/"+url.PathEscape(id)+":replay")
	return err
}

func (c *client) discard(ctx context.Context, id string) error {
	_, err := c.call(ctx, http.MethodPost, "/"+url.PathEscape(id)+":discard")
	return err
}
