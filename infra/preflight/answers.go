package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// ask sends one request without a body to one of Google's APIs and returns its status and answer.
type ask func(ctx context.Context, method, url string) (status int, body []byte, err error)

var (
	errNotFound = errors.New("there is none")
	errDisabled = errors.New("the API is not enabled")
	errRefused  = errors.New("your account may not look at it (roles/viewer and roles/iam.securityReviewer are enough)")
)

// get reads an answer. It returns errNotFound, errDisabled or errRefused where the API says so.
func (a ask) get(ctx context.Context, url string, into any) error {
	return a.send(ctx, http.MethodGet, url, into)
}

func (a ask) send(ctx context.Context, method, url string, into any) error {
	status, body, err := a(ctx, method, url)
	if err != nil {
		return err
	}
	if status == http.StatusOK {
		return json.Unmarshal(body, into)
	}
	var answer struct {
		Error struct {
			Message string
			Details []struct{ Reason string }
		}
	}
	_ = json.Unmarshal(body, &answer) // what is no JSON has no message
	for _, d := range answer.Error.Details {
		if d.Reason == "SERVICE_DISABLED" {
			return errDisabled
		}
	}
	switch status {
	case http.StatusNotFound:
		return errNotFound
	case http.StatusForbidden, http.StatusUnauthorized:
		return errRefused
	}
	return fmt.Errorf("%s answered %d: %s", url, status, answer.Error.Message)
}

// page is what lists have in common.
type page struct {
	NextPageToken string `json:"nextPageToken"`
}

// list reads all pages of a list. read decodes one page and appends it.
func (a ask) list(ctx context.Context, address string, read func(raw []byte) error) error {
	for token := ""; ; {
		at := address
		if token != "" {
			sep := "?"
			if strings.Contains(address, "?") {
				sep = "&"
			}
			at += sep + "pageToken=" + url.QueryEscape(token)
		}
		var raw json.RawMessage
		if err := a.get(ctx, at, &raw); err != nil {
			return err
		}
		var next page
		if err := json.Unmarshal(raw, &next); err != nil {
			return err
		}
		if err := read(raw); err != nil {
			return err
		}
		if token = next.NextPageToken; token == "" {
			return nil
		}
	}
}

// listOf reads all pages of a list whose entries are under that key.
func listOf[T any](ctx context.Context, a ask, address, key string) (all []T, err error) {
	err = a.list(ctx, address, func(raw []byte) error {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(raw, &fields); err != nil {
			return err
		}
		if fields[key] == nil {
			return nil
		}
		var some []T
		err := json.Unmarshal(fields[key], &some)
		all = append(all, some...)
		return err
	})
	return all, err
}

// policy says who has which role on something.
type policy struct {
	Bindings []struct {
		Role    string   `json:"role"`
		Members []string `json:"members"`
	} `json:"bindings"`
}

// members are those who have the role.
func (p policy) members(role string) []string {
	for _, b := range p.Bindings {
		if b.Role == role {
			return b.Members
		}
	}
	return nil
}

// roles are those that the member has.
func (p policy) roles(member string) (roles []string) {
	for _, b := range p.Bindings {
		for _, m := range b.Members {
			if m == member {
				roles = append(roles, b.Role)
			}
		}
	}
	return roles
}
