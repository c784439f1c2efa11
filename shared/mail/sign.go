package mail

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
	gomail "github.com/wneessen/go-mail"
)

// signed are the headers that the signature covers. RFC 8058, section 4, asks for the two about lists.
var signed = []string{
	"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type", "Auto-Submitted", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post",
}

// sign puts the signature in front of the message, as it is now. go-mail could sign, too, but v0.8.1 breaks a line within h= once more headers are signed than
// one line holds, and such a signature is not valid.
func (k Signature) sign(m *gomail.Msg) error {
	if k.Key == nil {
		return nil
	}
	signer, err := dkim.NewSigner(&dkim.SignOptions{
		Domain: k.Domain, Selector: k.Selector, Signer: k.Key, HeaderKeys: signed,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return fmt.Errorf("mail: sign: %w", err)
	}
	var raw bytes.Buffer
	if _, err := m.WriteTo(&raw); err != nil {
		return fmt.Errorf("mail: sign: %w", err)
	}
	if _, err := signer.Write(raw.Bytes()); err != nil {
		return fmt.Errorf("mail: sign: %w", err)
	}
	if err := signer.Close(); err != nil {
		return fmt.Errorf("mail: sign: %w", err)
	}
	value, _ := strings.CutPrefix(strings.TrimSuffix(signer.Signature(), "\r\n"), "DKIM-Signature: ")
	m.SetGenHeaderPreformatted("DKIM-Signature", value)
	return nil
}
