// SPDX-License-Identifier: Apache-2.0

package uplink

import (
	"encoding/json"
	"errors"
	"os"
)

// maximumAsideBytes bounds the file of refused records. The full file becomes the former one, whose content is given up.
const maximumAsideBytes = 8 << 20

// setAside adds the refused record as a line of JSON and waits for the disk.
func setAside(path string, line Line, reason string) error {
	data, err := json.Marshal(struct {
		Reason string `json:"reason"`
		Line
	}{reason, line})
	if err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && info.Size() > maximumAsideBytes {
		if err := os.Rename(path, path+".former"); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(append(data, '\n'))
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}
