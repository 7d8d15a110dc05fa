// SPDX-License-Identifier: Apache-2.0

package store

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// cursor says how far the cloud has got. It is replaced as a whole, so a crash leaves the former or the new one.
type cursor struct {
	// Store names this store in idempotency keys; made once.
	Store string `json:"store"`
	// Acknowledged is the highest sequence that the cloud has accepted or that was given up.
	Acknowledged uint64 `json:"acknowledged"`
	// InFlightThrough is the last sequence of the batch that may have reached the cloud; 0 when there is none. It is
	// written before the batch is sent, so the same batch with the same key is sent again after a crash.
	InFlightThrough uint64 `json:"inFlightThrough,omitempty"`
}

const cursorFile = "cursor.json"

func readCursor(directory string) (cursor, error) {
	data, err := os.ReadFile(filepath.Join(directory, cursorFile))
	if errors.Is(err, fs.ErrNotExist) {
		name := make([]byte, 8)
		if _, err := rand.Read(name); err != nil {
			return cursor{}, err
		}
		created := cursor{Store: hex.EncodeToString(name)}
		return created, writeCursor(directory, created)
	}
	if err != nil {
		return cursor{}, err
	}
	var read cursor
	if err := json.Unmarshal(data, &read); err != nil || read.Store == "" {
		return cursor{}, fmt.Errorf("%s cannot be read; restore it, or move the whole directory away to begin anew",
			filepath.Join(directory, cursorFile))
	}
	return read, nil
}

func writeCursor(directory string, next cursor) error {
	data, err := json.Marshal(next)
	if err != nil {
		return err
	}
	path := filepath.Join(directory, cursorFile)
	file, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	return syncDirectory(directory)
}
