// SPDX-License-Identifier: Apache-2.0

// Package environment reads settings from the environment and remembers everything that is wrong with them, so that one
// start tells of all of it.
package environment

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strconv"
	"strings"
	"time"
)

// Reader of one environment. A setting that is wrong reads as its fallback.
type Reader struct {
	lookup   func(string) (string, bool)
	problems []error
}

// New reads by the function, which is os.LookupEnv outside tests.
func New(lookup func(string) (string, bool)) *Reader { return &Reader{lookup: lookup} }

// Problems are all complaints as one error; nil when there are none.
func (r *Reader) Problems() error { return errors.Join(r.problems...) }

// Complain says what the variable must be.
func (r *Reader) Complain(name, format string, values ...any) {
	r.problems = append(r.problems, fmt.Errorf("%s %s", name, fmt.Sprintf(format, values...)))
}

// Text is the variable's value; empty counts as not set.
func (r *Reader) Text(name, fallback string) string {
	if value, isSet := r.lookup(name); isSet && value != "" {
		return value
	}
	return fallback
}

// Number is a whole number within bounds.
func (r *Reader) Number(name string, fallback, least, most int64) int64 {
	value, err := strconv.ParseInt(r.Text(name, strconv.FormatInt(fallback, 10)), 10, 64)
	if err != nil || value < least || value > most {
		r.Complain(name, "must be a whole number from %d to %d", least, most)
		return fallback
	}
	return value
}

// Duration is zero or more.
func (r *Reader) Duration(name string, fallback time.Duration) time.Duration {
	value, err := time.ParseDuration(r.Text(name, fallback.String()))
	if err != nil || value < 0 {
		r.Complain(name, "must be a duration such as 500ms or 30s")
		return fallback
	}
	return value
}

// Level is how much is logged.
func (r *Reader) Level(name string) slog.Level {
	var level slog.Level
	if err := level.UnmarshalText([]byte(r.Text(name, "info"))); err != nil {
		r.Complain(name, "must be debug, info, warn or error")
	}
	return level
}

// File is the trimmed content of the file that the variable names; empty when it names none.
func (r *Reader) File(name string) string {
	path := r.Text(name, "")
	if path == "" {
		return ""
	}
	content, err := os.ReadFile(path)
	if err != nil {
		r.Complain(name, "cannot be read: %v", err)
		return ""
	}
	return strings.TrimSpace(string(content))
}
