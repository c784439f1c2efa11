package event

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
)

// Number is a number as Firestore holds it: an integer of 64 bits, or a double.
type Number struct {
	IsInteger bool
	Integer   int64
	Double    float64
}

var errNumber = errors.New("has more digits, or is larger or smaller, than a 64-bit number holds; send it as text")

// NumberOf finds the form in which a number of JSON, or of Go, keeps its value: what is an integer of 64 bits becomes one, however it is
// written (1.0, 1e2); anything else is the double whose shortest text has the same value. It is an error if there is no such
// double: 12345678901234567890 would lose its last digits. A float64 stays a double.
func NumberOf(value any) (Number, error) {
	switch v := value.(type) {
	case int:
		return Number{IsInteger: true, Integer: int64(v)}, nil
	case int64:
		return Number{IsInteger: true, Integer: v}, nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Number{}, errors.New("is not a finite number")
		}
		return Number{Double: v}, nil
	case json.Number:
		return parseNumber(string(v))
	}
	return Number{}, errors.New("is not a number")
}

func parseNumber(text string) (Number, error) {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil && text != "-0" {
		return Number{IsInteger: true, Integer: i}, nil
	}
	d, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return Number{}, errNumber
	}
	sent := decimalOf(text)
	if i, ok := sent.integer(); ok {
		return Number{IsInteger: true, Integer: i}, nil
	}
	if sent != decimalOf(strconv.FormatFloat(d, 'e', -1, 64)) {
		return Number{}, errNumber
	}
	return Number{Double: d}, nil
}

// String is the number with all its digits and no exponent, as a person reads it.
func (n Number) String() string {
	if n.IsInteger {
		return strconv.FormatInt(n.Integer, 10)
	}
	return strconv.FormatFloat(n.Double, 'f', -1, 64)
}

// decimal is a number's value: 0.digits × 10^exponent, without zeros at either end. Equal values are equal decimals, but for -0 and 0.
type decimal struct {
	negative bool
	digits   string
	exponent int
}

// decimalOf reads a number as JSON writes it, with an exponent that [strconv.ParseFloat] accepts.
func decimalOf(text string) (d decimal) {
	text, d.negative = strings.CutPrefix(text, "-")
	mantissa, exponent := text, ""
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		mantissa, exponent = text[:i], text[i+1:]
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	d.digits = strings.TrimLeft(whole+fraction, "0")
	d.exponent, _ = strconv.Atoi(exponent) // zero has any exponent, and loses it below
	d.exponent += len(whole) - (len(whole+fraction) - len(d.digits))
	if d.digits = strings.TrimRight(d.digits, "0"); d.digits == "" {
		d.exponent = 0
	}
	return d
}

// integer is the value if it is an integer of 64 bits; -0 is not, since an integer would lose its sign.
func (d decimal) integer() (int64, bool) {
	if d.digits == "" {
		return 0, !d.negative
	}
	if d.exponent < len(d.digits) || d.exponent > 19 {
		return 0, false
	}
	text := d.digits + strings.Repeat("0", d.exponent-len(d.digits))
	if d.negative {
		text = "-" + text
	}
	i, err := strconv.ParseInt(text, 10, 64)
	return i, err == nil
}
