// mrjones/oauth, which asks its token endpoints by GET.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/mrjones/oauth"
)

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
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
	consumer := oauth.NewConsumer(given[4], given[5], oauth.ServiceProvider{
		RequestTokenUrl: given[0], AuthorizeTokenUrl: given[1], AccessTokenUrl: given[2],
	})
	temporary, page, err := consumer.GetRequestTokenAndUrl(callback)
	must(err)
	fmt.Println(page)
	answer, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	answer = strings.TrimSpace(answer)
	if callback != "oob" {
		parsed, err := url.Parse(answer)
		must(err)
		answer = parsed.Query().Get("oauth_verifier")
	}
	token, err := consumer.AuthorizeToken(temporary, answer)
	must(err)
	client, err := consumer.MakeHttpClient(token)
	must(err)
	sent := decoded(client.PostForm(api+"/sms/json", url.Values{"from": {"Go"}, "to": {"15551234567"}, "text": {"a+b & cé 100 %"}}))
	balance := decoded(client.Get(api + "/account/get-balance?unused=1%20%2B%201"))
	fmt.Println(sent["messages"].([]interface{})[0].(map[string]interface{})["status"], balance["value"])
}
