// SPDX-License-Identifier: Apache-2.0

// Command kustomize is the real kustomize as a filter: one JSON request on
// standard input, multi-document YAML on standard output.
//
//	request  {"files": {"base/kustomization.yaml": "…"}, "path": "overlays/x", "loadRestrictions": "rootOnly"}
//	success  YAML on standard output, exit code 0
//	refusal  {"code": "remoteBase", "message": "…"} on standard output, exit code 1
//
// It is compiled for wasip1 and sees nothing but the request: no file system,
// no network, no environment, no other programs. The code of a refusal is
// remoteBase, invalidInput or buildFailed. Kustomize's own warnings go to
// standard error.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// root is where the files of a request are mounted. It is not "/", so that a
// reference that climbs out of the files ends in a place that does not exist,
// as it would on a disk.
const root = "/repository"

type request struct {
	Files            map[string]string `json:"files"`
	Path             string            `json:"path"`
	LoadRestrictions string            `json:"loadRestrictions"`
}

// refusal is the error a person reads. Its message names files relative to the
// root of the request.
type refusal struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (r refusal) Error() string { return r.Message }

func refuse(code, format string, arguments ...any) refusal {
	return refusal{Code: code, Message: fmt.Sprintf(format, arguments...)}
}

func main() {
	yaml, err := respond(os.Stdin)
	if err == nil {
		_, err = os.Stdout.Write(yaml)
	}
	if err == nil {
		return
	}
	var answer refusal
	if !errors.As(err, &answer) {
		answer = refuse("buildFailed", "%s", readable(err.Error()))
	}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(1)
}

func respond(input io.Reader) ([]byte, error) {
	var asked request
	if err := json.NewDecoder(input).Decode(&asked); err != nil {
		return nil, refuse("invalidInput", "the request is not valid JSON: %v", err)
	}
	disk, err := mount(asked.Files)
	if err != nil {
		return nil, err
	}
	start := inRoot(asked.Path)
	named := &references{disk: disk, folders: map[string]bool{}}
	if err := named.follow(start); err != nil {
		return nil, err
	}
	yaml, err := build(disk, start, asked.LoadRestrictions)
	if err != nil {
		return nil, named.explain(err)
	}
	return yaml, nil
}

func mount(files map[string]string) (filesys.FileSystem, error) {
	disk := filesys.MakeFsInMemory()
	if err := disk.MkdirAll(root); err != nil {
		return nil, err
	}
	for name, content := range files {
		if !isInside(inRoot(name)) {
			return nil, refuse("invalidInput", "the file name %q lies outside the repository", name)
		}
		if err := disk.WriteFile(inRoot(name), []byte(content)); err != nil {
			return nil, refuse("invalidInput", "the name %q is both a file and a folder, or no file name at all", name)
		}
	}
	return disk, nil
}

// build runs kustomize with the command line's own defaults, so that its output
// is what `kustomize build` prints. Helm, exec and function plugins are off.
func build(disk filesys.FileSystem, start, loadRestrictions string) ([]byte, error) {
	network := &noNetwork{}
	http.DefaultTransport = network

	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionUnspecified
	if loadRestrictions == "none" {
		options.LoadRestrictions = types.LoadRestrictionsNone
	}
	resources, err := krusty.MakeKustomizer(options).Run(disk, start)
	if remote, tried := network.firstRefused(err); tried {
		return nil, refuseRemote("a file of this kustomization", remote)
	}
	if err != nil {
		return nil, err
	}
	return resources.AsYaml()
}
