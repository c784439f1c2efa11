package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"strconv"
)

// values are what names in formulas stand for.
type values map[string]float64

// evaluate computes a formula of numbers, names, + - * /, parentheses, and busy(requests, seconds). What is printed is so what is computed.
func evaluate(formula string, v values) (float64, error) {
	e, err := parser.ParseExpr(formula)
	if err != nil {
		return 0, fmt.Errorf("formula %q: %w", formula, err)
	}
	result, err := v.of(e)
	if err != nil {
		return 0, fmt.Errorf("formula %q: %w", formula, err)
	}
	return result, nil
}

func (v values) of(e ast.Expr) (float64, error) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return v.of(e.X)
	case *ast.BasicLit:
		return strconv.ParseFloat(e.Value, 64)
	case *ast.Ident:
		value, ok := v[e.Name]
		if !ok {
			return 0, fmt.Errorf("%s is not known", e.Name)
		}
		return value, nil
	case *ast.BinaryExpr:
		x, err := v.of(e.X)
		if err != nil {
			return 0, err
		}
		y, err := v.of(e.Y)
		if err != nil {
			return 0, err
		}
		switch e.Op {
		case token.ADD:
			return x + y, nil
		case token.SUB:
			return x - y, nil
		case token.MUL:
			return x * y, nil
		case token.QUO:
			return x / y, nil
		}
	case *ast.CallExpr:
		if name, ok := e.Fun.(*ast.Ident); ok && name.Name == "busy" && len(e.Args) == 2 {
			requests, err := v.of(e.Args[0])
			if err != nil {
				return 0, err
			}
			cpu, err := v.of(e.Args[1])
			return v.busy(requests, cpu), err
		}
	}
	return 0, fmt.Errorf("%T is nothing that a formula may have", e)
}

// busy is how long instances are billed in a month for so many requests of so much CPU each, spread evenly. Few requests are alone, and
// each costs a granule; more and more of them overlap, until what counts is the CPU itself.
func (v values) busy(requests, cpu float64) float64 {
	month := v["days"] * 24 * 60 * 60
	return max(month*(1-math.Exp(-requests/month*v["granule"])), requests*cpu/v["utilisation"])
}
