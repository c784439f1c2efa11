// Package operator calls those functions that operators call: with the token of whoever runs a command, in the cloud or on the local stack.
package operator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"time"
)

// Where `go run ./emulator` has an operator's token, unless it was given another -port-base.
const localToken = "http://127.0.0.1:7400/operator-token"

// CallTime bounds a call. A function may read a thousand documents for a page.
const CallTime = 60 * time.Second

// Function is one that operators call.
type Function struct {
	Path   string // its address ends so
	Output string // what `tofu output` calls its address
	Local  string // its address on the local stack
}

// Flags adds those flags to a command's that say where the function is, and with whose token to call it. connect finds both once the flags are parsed.
func (f Function) Flags(flags *flag.FlagSet) (connect func(ctx context.Context) (*Client, error)) {
	variable := strings.ToUpper(f.Output) + "_URL"
	address := flags.String("url", os.Getenv(variable), "the `ADDRESS` that `tofu -chdir=infra output -raw "+f.Output+"` prints; also $"+variable)
	token := flags.String("token", "", "an identity token; empty: asks gcloud for yours")
	emulator := flags.Bool("emulator", false, "the local stack instead, at its usual port if -url is empty, without a token")
	return func(ctx context.Context) (*Client, error) { return f.Connect(ctx, *address, *token, *emulator) }
}

// Parse reads COMMAND [FLAGS] [ID...]. It prints the usage where there is no command, and where help is asked for, which is [flag.ErrHelp].
func Parse(flags *flag.FlagSet, usage string, args []string) (command string, ids []string, err error) {
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	if len(args) == 0 {
		flags.Usage()
		return "", nil, errors.New("no command")
	}
	if err := flags.Parse(args[1:]); err != nil {
		return "", nil, err
	}
	for _, id := range flags.Args() {
		if strings.HasPrefix(id, "-") {
			return "", nil, fmt.Errorf("%s comes after an ID; flags come first", id)
		}
	}
	return args[0], flags.Args(), nil
}

// Client calls a function.
type Client struct {
	URL, Token string
	TokenURL   string // where a token can be had, if none is known; "": nowhere
	Local      bool   // the function is on the local stack
}

// Connect finds the address and the token. emulator means the local stack, at its usual port where address is empty, and there a token that is empty is none.
func (f Function) Connect(ctx context.Context, address, token string, emulator bool) (*Client, error) {
	c := &Client{URL: strings.TrimSuffix(address, "/"), Token: token, Local: emulator}
	if c.Local {
		if c.URL == "" {
			c.URL, c.TokenURL = f.Local, localToken
		}
		return c, nil
	}
	if c.URL == "" {
		return nil, fmt.Errorf("-url is empty; give what `tofu -chdir=infra output -raw %s` prints, or -emulator for the local stack", f.Output)
	}
	if u, err := url.Parse(c.URL); err != nil || u.Scheme != "https" || !strings.HasSuffix(u.Path, f.Path) {
		return nil, fmt.Errorf("-url is %q; https://…%s was expected", address, f.Path)
	}
	if c.Token == "" {
		out, err := exec.CommandContext(ctx, "gcloud", "auth", "print-identity-token").Output()
		if err != nil {
			return nil, fmt.Errorf("gcloud auth print-identity-token: %w; run gcloud auth login, or give -token", err)
		}
		c.Token = strings.TrimSpace(string(out))
	}
	return c, nil
}

// Refusal is an answer other than 2xx.
type Refusal struct {
	Status int
	detail string
}

func (e *Refusal) Error() string { return e.detail }

// Call makes one request and returns the body of the answer.
func (c *Client) Call(ctx context.Context, method, rest string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, c.URL+rest, nil)
	if err != nil {
		return nil, err
	}
	if c.Token == "" && c.TokenURL != "" {
		token, err := (&Client{URL: c.TokenURL, Local: true}).Call(ctx, http.MethodGet, "")
		if err != nil {
			return nil, err
		}
		c.Token = string(token)
	}
	if c.Token != "" {
		req.Header.Set("Authorization", "Bearer "+c.Token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		if c.Local {
			err = fmt.Errorf("%w; does `go run ./emulator` run?", err)
		}
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 64<<20))
	if err != nil || res.StatusCode < 300 {
		return body, err
	}
	return nil, &Refusal{res.StatusCode, res.Status + ": " + explain(res.StatusCode, body)}
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

// Line is a text on one line of a terminal, cut to so many characters. Somebody else may have written a part of it.
func Line(text string, most int) string {
	printable := strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return ' '
		}
		return r
	}, text)
	words := []rune(strings.Join(strings.Fields(printable), " "))
	if len(words) > most {
		return string(words[:most-1]) + "…"
	}
	return string(words)
}
