// Package mail writes mails and sends them by SMTP: the digest of what somebody has not read, and mails about one item.
//
// A mail has HTML and plain text, in the language that serves its recipient best. It names its list (RFC 2919), ends by one click without a cookie (RFC
// 8058), and is signed by DKIM with the headers that say so, unless the server that takes it signs. Its Message-ID follows from what it tells: a mail that is sent
// twice, because a process died before it could note that it had sent it, is one mail to whoever compares ids.
package mail

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Why a mail was not sent.
var (
	ErrRefused = errors.New("mail: the server refuses it for good")
	ErrBounced = fmt.Errorf("%w: there is no such mailbox, or it takes no mails", ErrRefused)
	ErrLater   = errors.New("mail: it could not be sent now")
)

// Sender hands letters to an SMTP server. It is safe for concurrent use.
type Sender struct {
	config Config
	client []gomail.Option
	host   string
}

// sendTime is how long one mail may take.
const sendTime = 20 * time.Second

// NewSender makes a sender. Nothing is sent, and no connection opened, before the first letter.
func NewSender(c Config) (*Sender, error) {
	host, port, err := c.server()
	if err != nil {
		return nil, fmt.Errorf("mail: SMTP_ADDR: %w", err)
	}
	s := &Sender{config: c, host: host, client: []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(sendTime), gomail.WithHELO(domainOf(c.From.Address))}}
	switch {
	case port == 465: // RFC 8314
		s.client = append(s.client, gomail.WithSSL())
	case isLoopback(host):
		s.client = append(s.client, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	default:
		s.client = append(s.client, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if c.Username != "" {
		s.client = append(s.client, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(c.Username), gomail.WithPassword(c.Password))
	}
	if _, err := gomail.NewClient(host, s.client...); err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	return s, nil
}

// Send hands over one letter. The error is [ErrBounced], which is [ErrRefused] for the recipient's sake, or [ErrRefused], or [ErrLater], and then
// the server may have taken it all the same.
func (s *Sender) Send(ctx context.Context, l Letter) error {
	m, err := s.message(l)
	if err != nil {
		return fmt.Errorf("%w: it cannot be written for this address", ErrRefused)
	}
	client, err := gomail.NewClient(s.host, s.client...)
	if err != nil {
		return fmt.Errorf("%w (%w)", ErrLater, err)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTime)
	defer cancel()
	if err := client.DialAndSendWithContext(ctx, m); err != nil {
		return said(err)
	}
	return nil
}

// said is what a failure means. The server's own words about a letter name its recipient, and errors are logged: only its numbers are kept.
func said(err error) error {
	var answer *gomail.SendError
	if !errors.As(err, &answer) {
		return fmt.Errorf("%w (%w)", ErrLater, err)
	}
	why := fmt.Errorf("SMTP %d %s", answer.ErrorCode(), answer.EnhancedStatusCode())
	switch {
	case answer.IsTemp() || answer.ErrorCode() < 500:
		return fmt.Errorf("%w (%w)", ErrLater, why)
	case bounces(answer.EnhancedStatusCode(), answer.Reason == gomail.ErrSMTPRcptTo):
		return fmt.Errorf("%w (%w)", ErrBounced, why)
	}
	return fmt.Errorf("%w (%w)", ErrRefused, why)
}

// bounces reports whether a refusal is about the recipient, by its enhanced status code (RFC 3463): 5.2 is the mailbox's state, and 5.1 the address,
// but 5.1.7 and 5.1.8, which are the sender's. What says no more than 5.0.0, or nothing, is about the recipient when they were named. A recipient
// may be refused for our sake, too: 5.7.1 means that this sender may not send there.
func bounces(status string, naming bool) bool {
	switch {
	case status == "" || status == "5.0.0":
		return naming
	case status == "5.1.7" || status == "5.1.8":
		return false
	}
	return strings.HasPrefix(status, "5.1.") || strings.HasPrefix(status, "5.2.")
}

// message is the letter as MIME.
func (s *Sender) message(l Letter) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := m.FromFormat(s.config.From.Name, s.config.From.Address); err != nil {
		return nil, err
	}
	if err := m.To(l.To); err != nil {
		return nil, err
	}
	domain := domainOf(s.config.From.Address)
	m.Subject(l.Subject)
	m.SetDateWithValue(l.At)
	m.SetMessageIDWithValue(l.ID + "@" + domain)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no answer by machines
	m.SetGenHeaderPreformatted("List-Id", "<"+l.List+"."+domain+">")
	if l.Unsubscribe != "" {
		m.SetGenHeaderPreformatted("List-Unsubscribe", "<"+l.Unsubscribe+">")
		m.SetGenHeaderPreformatted("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
	}
	m.SetBoundary(boundary(l)) // not a random one: the mail is written twice, to be signed and to be sent
	m.SetBodyString(gomail.TypeTextPlain, l.Text)
	m.AddAlternativeString(gomail.TypeTextHTML, l.HTML)
	return m, s.config.Signature.sign(m)
}

// boundary separates the parts of a letter, and is in none of them.
func boundary(l Letter) string { return "tidings-" + hash(l.Text+l.HTML) }

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return domain
}
