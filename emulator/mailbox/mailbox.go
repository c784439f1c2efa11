// Package mailbox is where the local stack's mails end: an SMTP server that takes everything for everybody and delivers nothing, but for addresses that begin
// with "bounce": it has no such mailbox. It lists what it has taken as JSON and as a page, and it says whether a mail is signed as its sender's domain says.
package mailbox

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-smtp"
	"github.com/jhillyerd/enmime/v2"
)

// Message is a mail that was taken.
type Message struct {
	At        time.Time           `json:"at"`
	From      string              `json:"from"` // the envelope's
	To        []string            `json:"to"`   // likewise
	Subject   string              `json:"subject"`
	ID        string              `json:"id"` // Message-ID
	Headers   map[string][]string `json:"headers"`
	Text      string              `json:"text"`
	HTML      string              `json:"html"`
	Signed    []string            `json:"signed"`              // the headers that a valid signature covers; none: there is no such signature
	Signature string              `json:"signature,omitempty"` // what is wrong with the signature
	Raw       string              `json:"raw"`
}

// Server is the mailbox. It is safe for concurrent use.
type Server struct {
	now     func() time.Time
	records func(name string) ([]string, error)

	mu       sync.Mutex
	messages []Message
	refusals []*smtp.SMTPError
	more     chan struct{} // closed when there is another message
}

// New makes an empty mailbox. records has the DNS texts by which signatures are checked, by their names; now tells the time of arrivals, nil is the system's.
func New(records map[string]string, now func() time.Time) *Server {
	if now == nil {
		now = time.Now
	}
	lookup := func(name string) ([]string, error) {
		if text, ok := records[name]; ok {
			return []string{text}, nil
		}
		return nil, fmt.Errorf("there is no text at %s", name)
	}
	return &Server{now: now, records: lookup, more: make(chan struct{})}
}

const maxMessage = 1 << 20

// Serve takes mails at the listener until it is closed.
func (s *Server) Serve(l net.Listener) error {
	server := smtp.NewServer(s)
	server.Domain, server.MaxMessageBytes, server.MaxRecipients = "localhost", maxMessage, 100
	server.ReadTimeout, server.WriteTimeout = 30*time.Second, 30*time.Second
	server.EnableSMTPUTF8 = true
	if err := server.Serve(l); !errors.Is(err, net.ErrClosed) && !errors.Is(err, smtp.ErrServerClosed) {
		return fmt.Errorf("mailbox: %w", err)
	}
	return nil
}

// Refuse answers the next mail with that SMTP code, such as 451 for later or 550 for never.
func (s *Server) Refuse(code int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusals = append(s.refusals, &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: "told to refuse"})
}

// Messages returns what was taken for the address, in the order of arrival; "" is everybody's.
func (s *Server) Messages(to string) []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := []Message{}
	for _, m := range s.messages {
		if to == "" || slices.Contains(m.To, to) {
			all = append(all, m)
		}
	}
	return all
}

// More is closed at the next arrival.
func (s *Server) More() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.more
}

// Forget empties the mailbox.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = nil
}

// NewSession implements [smtp.Backend].
func (s *Server) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{server: s}, nil }

// session takes the mails of one connection.
type session struct {
	server *Server
	from   string
	to     []string
}

func (c *session) Reset()        { c.from, c.to = "", nil }
func (c *session) Logout() error { return nil }

func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	c.from = from
	return nil
}

func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "bounce") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox: " + to}
	}
	c.to = append(c.to, to)
	return nil
}

func (c *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := c.server.read(raw)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: err.Error()}
	}
	m.From, m.To = c.from, c.to
	return c.server.take(m)
}

func (s *Server) take(m Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.refusals) > 0 {
		refusal := s.refusals[0]
		s.refusals = s.refusals[1:]
		return refusal
	}
	s.messages = append(s.messages, m)
	close(s.more)
	s.more = make(chan struct{})
	return nil
}

// read parses a mail, and refuses what is not well formed.
func (s *Server) read(raw []byte) (Message, error) {
	parsed, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		return Message{}, err
	}
	for _, problem := range parsed.Errors {
		if problem.Severe {
			return Message{}, errors.New(problem.Error())
		}
	}
	m := Message{
		At: s.now(), Subject: parsed.GetHeader("Subject"), ID: parsed.GetHeader("Message-ID"), Headers: map[string][]string{},
		Text: parsed.Text, HTML: parsed.HTML, Raw: string(raw), Signed: []string{},
	}
	for _, name := range parsed.GetHeaderKeys() {
		m.Headers[name] = parsed.GetHeaderValues(name)
	}
	signatures, err := dkim.VerifyWithOptions(bytes.NewReader(raw), &dkim.VerifyOptions{LookupTXT: s.records})
	if err != nil {
		m.Signature = err.Error()
	}
	for _, signature := range signatures {
		if signature.Err != nil {
			m.Signature = signature.Err.Error()
			continue
		}
		m.Signed = append(m.Signed, signature.HeaderKeys...)
	}
	return m, nil
}
