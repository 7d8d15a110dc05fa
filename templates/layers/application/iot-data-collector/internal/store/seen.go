// SPDX-License-Identifier: Apache-2.0

package store

import "crypto/sha256"

// seen remembers the names of the latest messages, so that one which the broker delivers again is stored once.
// It forgets the oldest beyond its capacity.
type seen struct {
	names map[fingerprint]struct{}
	order []fingerprint
	next  int
}

type fingerprint [16]byte

func newSeen(capacity int) *seen {
	return &seen{names: make(map[fingerprint]struct{}, capacity), order: make([]fingerprint, 0, capacity)}
}

// has is false for messages without a name: nothing tells them apart from another one that says the same.
func (s *seen) has(message Message) bool {
	if message.ID == "" {
		return false
	}
	_, known := s.names[fingerprintOf(message)]
	return known
}

func (s *seen) add(message Message) {
	if message.ID == "" || s.has(message) {
		return
	}
	name := fingerprintOf(message)
	s.names[name] = struct{}{}
	if len(s.order) < cap(s.order) {
		s.order = append(s.order, name)
		return
	}
	delete(s.names, s.order[s.next])
	s.order[s.next] = name
	s.next = (s.next + 1) % len(s.order)
}

func fingerprintOf(message Message) fingerprint {
	digest := sha256.New()
	digest.Write(appendText(nil, message.Topic))
	digest.Write([]byte(message.ID))
	return fingerprint(digest.Sum(nil)[:16])
}
