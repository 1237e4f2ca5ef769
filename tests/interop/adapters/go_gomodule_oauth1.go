// gomodule/oauth1. URL and form are given parsed, as its API takes them; nonce and timestamp are its own.
package main

import (
	"net/http"
	"net/url"

	"github.com/gomodule/oauth1/oauth"
)

var methods = map[string]oauth.SignatureMethod{
	"HMAC-SHA1": oauth.HMACSHA1, "RSA-SHA1": oauth.RSASHA1, "PLAINTEXT": oauth.PLAINTEXT,
}

func sign(in input) (string, error) {
	method, known := methods[in.Signature_method]
	if !known {
		return "", unsupported("the method " + in.Signature_method)
	}
	client := oauth.Client{Credentials: oauth.Credentials{Token: in.Client.Identifier, Secret: in.Client.Secret}}
	client.SignatureMethod = method
	if method == oauth.RSASHA1 {
		client.PrivateKey = in.key()
	}
	var token *oauth.Credentials
	if in.Token != nil {
		token = &oauth.Credentials{Token: in.Token.Identifier, Secret: in.Token.Secret}
	}
	target, err := url.Parse(in.Uri.string)
	if err != nil {
		return "", err
	}
	form, err := url.ParseQuery(in.Form.string)
	if err != nil {
		return "", err
	}
	headers := http.Header{}
	err = client.SetAuthorizationHeader(headers, token, in.Method, target, form)
	return headers.Get("Authorization"), err
}

func main() { serve(sign) }
