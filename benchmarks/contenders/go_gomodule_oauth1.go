// gomodule/oauth1. URL and form are given parsed, as its API takes them.
package main

import (
	"bufio"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/gomodule/oauth1/oauth"
)

type request struct {
	method string
	url    *url.URL
	form   url.Values
}

func load(path string) []request {
	text, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	var requests []request
	for _, line := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		fields := strings.Split(line, "\t")
		target, err := url.Parse(fields[1])
		if err != nil {
			panic(err)
		}
		form, err := url.ParseQuery(fields[2])
		if err != nil {
			panic(err)
		}
		requests = append(requests, request{fields[0], target, form})
	}
	return requests
}

func main() {
	client := oauth.Client{Credentials: oauth.Credentials{Token: os.Args[1], Secret: os.Args[2]}}
	token := oauth.Credentials{Token: os.Args[3], Secret: os.Args[4]}
	sign := func(r request) string { return client.AuthorizationHeader(&token, r.method, r.url, r.form) }
	fmt.Printf("gomodule/oauth1 (Go)\t%s, %s\tparsed; the URL too\tsign\n", os.Getenv("PEER_VERSION"), runtime.Version())
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		verb, path, _ := strings.Cut(lines.Text(), "\t")
		requests := load(path)
		if verb == "sign" {
			for _, r := range requests {
				fmt.Println(sign(r))
			}
			continue
		}
		start := time.Now()
		for _, r := range requests {
			sign(r)
		}
		fmt.Printf("%.12f\n", time.Since(start).Seconds()/float64(len(requests)))
	}
}
