// SPDX-License-Identifier: Apache-2.0

package store

import (
	"fmt"
	"os"
)

// makeRoom sees to it that the given number of bytes can be added, by what the policy allows.
func (s *Store) makeRoom(room int64) error {
	if room > s.options.MaximumBytes/2 {
		return fmt.Errorf("%d bytes at once are too many for a store of %d bytes: %w", room, s.options.MaximumBytes, ErrFull)
	}
	s.reclaim(room)
	if s.fits(room) {
		return nil
	}
	if s.options.WhenFull != DropOldest {
		return ErrFull
	}
	if err := s.dropOldest(room); err != nil {
		return err
	}
	if !s.fits(room) {
		return ErrFull
	}
	return nil
}

func (s *Store) fits(room int64) bool {
	// A new segment may have to be begun for it.
	return s.bytes()+room+segmentHeaderBytes <= s.options.MaximumBytes
}

func (s *Store) bytes() int64 {
	var total int64
	for _, segment := range s.segments {
		total += segment.size
	}
	return total
}

// reclaim removes segments that the cloud has in full. They stay while their message IDs may still be asked for after a
// restart, unless the room is needed.
func (s *Store) reclaim(room int64) {
	if !s.fits(room) && s.active != nil && s.current().last <= s.cursor.Acknowledged && s.current().last >= s.current().first {
		// The segment in use is acknowledged in full as well. When no new one can be begun, the write will say why.
		_ = s.rotate()
	}
	for len(s.segments) > 1 {
		oldest := s.segments[0]
		if oldest.last > s.cursor.Acknowledged {
			return
		}
		remembered := s.next - 1 - oldest.last
		if remembered < uint64(s.options.RememberedMessages) && s.fits(room) {
			return
		}
		if os.Remove(oldest.path) != nil {
			return
		}
		s.segments = s.segments[1:]
		s.signal(s.freed)
	}
}

// dropOldest gives up the oldest segments whose records are not in flight. The cursor moves first: a crash in between
// leaves a file that counts as acknowledged.
func (s *Store) dropOldest(room int64) error {
	for index := 0; index < len(s.segments)-1 && !s.fits(room); {
		oldest := s.segments[index]
		if s.cursor.InFlightThrough >= oldest.first {
			index++
			continue
		}
		lost := oldest.last - max(s.cursor.Acknowledged, oldest.first-1)
		if oldest.last > s.cursor.Acknowledged && s.cursor.InFlightThrough == 0 {
			if err := s.moveCursor(cursor{Store: s.cursor.Store, Acknowledged: oldest.last}); err != nil {
				return err
			}
		}
		if err := os.Remove(oldest.path); err != nil {
			return err
		}
		s.stats.Dropped += lost
		s.segments = append(s.segments[:index:index], s.segments[index+1:]...)
	}
	return s.refreshOldest()
}
