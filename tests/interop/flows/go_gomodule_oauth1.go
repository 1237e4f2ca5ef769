// gomodule/oauth1.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/gomodule/oauth1/oauth"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		if refused, is := err.(oauth.RequestCredentialsError); is {
			fmt.Fprintln(os.Stderr, string(refused.Body))
		}
		os.Exit(1)
	}
}

func decoded(response *http.Response, err error) (fields map[string]interface{}) {
	must(err)
	must(json.NewDecoder(response.Body).Decode(&fields))
	return
}

func main() {
	given := os.Args[1:]
	api, callback := given[3], given[6]
	client := oauth.Client{
		TemporaryCredentialRequestURI: given[0], ResourceOwnerAuthorizationURI: given[1], TokenRequestURI: given[2],
		Credentials: oauth.Credentials{Token: given[4], Secret: given[5]},
	}
	temporary, err := client.RequestTemporaryCredentials(nil, callback, nil)
	must(err)
	fmt.Println(client.AuthorizationURL(temporary, nil))
	answer, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	answer = strings.TrimSpace(answer)
	if callback != "oob" {
		parsed, err := url.Parse(answer)
		must(err)
		answer = parsed.Query().Get("oauth_verifier")
	}
	token, _, err := client.RequestToken(nil, temporary, answer)
	must(err)
	form := url.Values{"from": {"Go"}, "to": {"15551234567"}, "text": {"a+b & cé 100 %"}}
	sent := decoded(client.Post(nil, token, api+"/sms/json", form))
	balance := decoded(client.Get(nil, token, api+"/account/get-balance", url.Values{"unused": {"1 + 1"}}))
	fmt.Println(sent["messages"].([]interface{})[0].(map[string]interface{})["status"], balance["value"])
}
