package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
)

// values are what names in formulas stand for.
type values map[string]float64

// evaluate computes a formula of numbers, names, + - * /, parentheses, and each(name). What is printed is so what is computed.
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
		name, isName := e.Fun.(*ast.Ident)
		if !isName || name.Name != "each" || len(e.Args) != 1 {
			break
		}
		if what, isName := e.Args[0].(*ast.Ident); isName {
			value, known := v["each("+what.Name+")"]
			if !known {
				return 0, fmt.Errorf("each(%s) is not known", what.Name)
			}
			return value, nil
		}
	}
	return 0, fmt.Errorf("%T is nothing that a formula may have", e)
}
