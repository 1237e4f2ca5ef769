// The protocol of vectors/README.md, for the adapters written in Go.
package main

import (
	"bufio"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"os"
)

type credentials struct{ Identifier, Secret string }

type input struct {
	Method, Signature_method string
	Uri, Form                text
	Client                   credentials
	Token                    *credentials
	Protocol_parameters      [][2]string
	Version                  *string
	Rsa_key                  struct{ PrivateKeyPem string }
}

// text is "" where octets that are not UTF-8 stand.
type text struct {
	string
	octets bool
}

func (t *text) UnmarshalJSON(value []byte) error {
	t.octets = value[0] == '{'
	if t.octets {
		return nil
	}
	return json.Unmarshal(value, &t.string)
}

// baseString is what was signed, where the library tells.
var baseString string

type unsupported string

func (what unsupported) Error() string { return string(what) }

// key returns the private key of a request that is signed with RSA.
func (in input) key() *rsa.PrivateKey {
	block, _ := pem.Decode([]byte(in.Rsa_key.PrivateKeyPem))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		panic(err)
	}
	return key.(*rsa.PrivateKey)
}

// serve answers each line of standard input; sign returns an Authorization header.
func serve(sign func(input) (string, error)) {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var request struct {
			Id, Function string
			Input        input
		}
		reply := map[string]string{}
		if err := json.Unmarshal(lines.Bytes(), &request); err != nil && request.Function == "sign" {
			panic(err)
		}
		var header string
		baseString = ""
		var err error = unsupported("the function")
		switch {
		case request.Input.Uri.octets || request.Input.Form.octets:
			err = unsupported("octets that are not UTF-8")
		case request.Function == "sign" && request.Input.Version == nil:
			err = unsupported("a request without oauth_version")
		case request.Function == "sign" && len(request.Input.Protocol_parameters) > 0:
			err = unsupported("further protocol parameters outside query and form")
		case request.Function == "sign":
			header, err = sign(request.Input)
		}
		reply["id"] = request.Id
		switch what := err.(type) {
		case nil:
			reply["output"] = header
			if baseString != "" {
				reply["base_string"] = baseString
			}
		case unsupported:
			reply["unsupported"] = what.Error()
		default:
			reply["error"] = what.Error()
		}
		out.Encode(reply)
	}
}
