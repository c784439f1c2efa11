package mail

import (
	"crypto"
	"crypto/rsa"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"
)

// Config is what the environment says of mails. The zero value is that none are sent.
type Config struct {
	SMTP        string          // SMTP_ADDR: host:port of the server that takes our mails; "" sends none
	Username    string          // SMTP_USERNAME; "" signs in nowhere
	Password    string          // SMTP_PASSWORD
	From        netmail.Address // MAIL_FROM: who writes, "Tidings <news@example.com>"
	Links       *url.URL        // MAIL_LINKS: where the product is; links of items that begin with a slash lead there
	Unsubscribe *url.URL        // MAIL_UNSUBSCRIBE: where the function unsubscribe is
	Keys        Keys            // UNSUBSCRIBE_KEYS
	Signature   Signature       // DKIM_DOMAIN, DKIM_SELECTOR, DKIM_KEY
}

// Signature is how mails are signed by DKIM (RFC 6376). The zero value leaves it to the server that takes them.
type Signature struct {
	Domain   string
	Selector string // the public key is at SELECTOR._domainkey.DOMAIN
	Key      crypto.Signer
}

// On reports whether mails are sent.
func (c Config) On() bool { return c.SMTP != "" }

// Read reads the environment, and returns all that is wrong with it besides.
func Read(lookup func(string) string) (c Config, wrong []string) {
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	var err error
	if c.Keys, err = ReadKeys(lookup("UNSUBSCRIBE_KEYS")); err != nil {
		bad("UNSUBSCRIBE_KEYS: %v", err)
	}
	c.SMTP = lookup("SMTP_ADDR")
	if !c.On() {
		return c, wrong
	}
	if _, _, err := c.server(); err != nil {
		bad("SMTP_ADDR is %q; host:port was expected, with 465 (TLS) or 587 (STARTTLS) as port", c.SMTP)
	}
	c.Username, c.Password = lookup("SMTP_USERNAME"), lookup("SMTP_PASSWORD")
	if (c.Username == "") != (c.Password == "") {
		bad("SMTP_USERNAME and SMTP_PASSWORD: one is set and the other is not; set both, or none")
	}
	if from, err := netmail.ParseAddress(lookup("MAIL_FROM")); err != nil {
		bad("MAIL_FROM is %q; an address was expected, such as Tidings <news@example.com>", lookup("MAIL_FROM"))
	} else {
		c.From = *from
	}
	if c.Links, err = base(lookup("MAIL_LINKS")); err != nil {
		bad("MAIL_LINKS is %q; an https address was expected", lookup("MAIL_LINKS"))
	}
	if c.Unsubscribe, err = base(lookup("MAIL_UNSUBSCRIBE")); err != nil {
		bad("MAIL_UNSUBSCRIBE is %q; an https address was expected", lookup("MAIL_UNSUBSCRIBE"))
	}
	if len(c.Keys) == 0 && lookup("UNSUBSCRIBE_KEYS") == "" {
		bad("UNSUBSCRIBE_KEYS is not set; each mail has a signed link that ends them")
	}
	c.Signature, err = readSignature(lookup("DKIM_DOMAIN"), lookup("DKIM_SELECTOR"), lookup("DKIM_KEY"))
	if err != nil {
		bad("DKIM_DOMAIN, DKIM_SELECTOR, DKIM_KEY: %v", err)
	}
	return c, wrong
}

// server splits the server's address.
func (c Config) server() (host string, port int, err error) {
	host, number, err := net.SplitHostPort(c.SMTP)
	if err != nil || host == "" {
		return "", 0, fmt.Errorf("not host:port: %w", err)
	}
	if port, err = strconv.Atoi(number); err != nil || port < 1 || port > 65535 {
		return "", 0, fmt.Errorf("not a port: %q", number)
	}
	return host, port, nil
}

// base reads an address that others are appended to. Without TLS it may be on this machine only.
func base(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, err
	}
	if u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return nil, fmt.Errorf("%q is no https address", s)
	}
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func readSignature(domain, selector, key string) (Signature, error) {
	if domain == "" && selector == "" && key == "" {
		return Signature{}, nil
	}
	if domain == "" || selector == "" || key == "" {
		return Signature{}, fmt.Errorf("some are set and others are not; set all three, or none where the server signs")
	}
	private, err := gomail.PrivKeyFromPEM([]byte(strings.TrimSpace(key)))
	if err != nil {
		return Signature{}, fmt.Errorf("the key is no private key as PEM, of RSA or Ed25519")
	}
	if k, ok := private.(*rsa.PrivateKey); ok && k.N.BitLen() < 2048 {
		return Signature{}, fmt.Errorf("the RSA key has %d bits; 2048 or more were expected (RFC 8301, section 3.2)", k.N.BitLen())
	}
	return Signature{Domain: domain, Selector: selector, Key: private}, nil
}
