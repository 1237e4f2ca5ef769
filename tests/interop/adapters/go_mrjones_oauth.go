// mrjones/oauth, as an http.RoundTripper. The form is given as text, in the request; nonce and timestamp are its own.
package main

import (
	"crypto"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/mrjones/oauth"
)

var hashes = map[string]crypto.Hash{"SHA1": crypto.SHA1, "SHA256": crypto.SHA256}

// wire takes the signed request in the place of a connection.
type wire struct{ sent *http.Request }

func (w *wire) Do(request *http.Request) (*http.Response, error) {
	w.sent = request
	return nil, errors.New("not sent")
}

// listen returns what is written to standard output meanwhile: the library's debug mode tells the base string there.
func listen(do func()) string {
	stdout := os.Stdout
	read, write, err := os.Pipe()
	if err != nil {
		panic(err)
	}
	os.Stdout = write
	do()
	os.Stdout = stdout
	write.Close()
	text, _ := io.ReadAll(read)
	return string(text)
}

func sign(in input) (string, error) {
	family, name, _ := strings.Cut(in.Signature_method, "-")
	hash, known := hashes[name]
	var consumer *oauth.Consumer
	switch {
	case known && family == "HMAC":
		consumer = oauth.NewCustomConsumer(
			in.Client.Identifier, in.Client.Secret, hash, oauth.ServiceProvider{}, nil)
	case known:
		consumer = oauth.NewCustomRSAConsumer(in.Client.Identifier, in.key(), hash, oauth.ServiceProvider{}, nil)
	default:
		return "", unsupported("the method " + in.Signature_method)
	}
	token := &oauth.AccessToken{}
	if in.Token != nil {
		token.Token, token.Secret = in.Token.Identifier, in.Token.Secret
	}
	captured := &wire{}
	consumer.HttpClient = captured
	tripper, err := consumer.MakeRoundTripper(token)
	if err != nil {
		return "", err
	}
	request, err := http.NewRequest(in.Method, in.Uri.string, strings.NewReader(in.Form.string))
	if err != nil {
		return "", err
	}
	if in.Form.string != "" {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	told := listen(func() {
		consumer.Debug(true)
		_, err = tripper.RoundTrip(request)
	})
	if captured.sent == nil {
		return "", err
	}
	_, told, _ = strings.Cut(told, "Signing: ")
	baseString, _, _ = strings.Cut(told, "\n")
	return captured.sent.Header.Get("Authorization"), nil
}

func main() { serve(sign) }
