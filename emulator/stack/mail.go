//go:build unix

package stack

import (
	"cmp"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"

	"tidings.dev/emulator/mailbox"
)

const (
	mailDomain      = "tidings.example"
	mailSelector    = "local"
	unsubscribeKeys = "the-laptops-key-of-unsubscribe-links"
)

// startMailbox starts what stands in for an SMTP server, with a signing key of this run's own.
func (s *Stack) startMailbox(ports *ports) error {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	s.dkim = string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	record := "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	s.Mailbox = mailbox.New(map[string]string{mailSelector + "._domainkey." + mailDomain: record}, s.Clock.Now)
	s.serve(ports.take(mailboxPort), s.Mailbox.Handler())
	s.smtp = ports.take(smtpPort)
	go func() { s.fail(s.Mailbox.Serve(s.smtp)) }()
	return nil
}

// mail has the functions send their mails to the mailbox.
func (s *Stack) mail() []string {
	a := s.Addresses
	return []string{
		"SMTP_ADDR=" + a.SMTP, "MAIL_FROM=Tidings <news@" + mailDomain + ">", "MAIL_LINKS=" + cmp.Or(s.web, a.Publish), "MAIL_UNSUBSCRIBE=" + a.Unsubscribe,
		"UNSUBSCRIBE_KEYS=" + unsubscribeKeys, "DKIM_DOMAIN=" + mailDomain, "DKIM_SELECTOR=" + mailSelector, "DKIM_KEY=" + s.dkim,
	}
}
