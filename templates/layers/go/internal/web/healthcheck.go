// SPDX-License-Identifier: Apache-2.0

package web

import (
	"net/http"
	"time"
)

// Healthcheck asks the service that listens at the address beside this process how it is. The answer is an exit code, for
// images without a shell.
func Healthcheck(address string) int {
	client := http.Client{Timeout: 2 * time.Second}
	response, err := client.Get("http://localhost" + address + "/healthz")
	if err != nil {
		return 1
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return 1
	}
	return 0
}
