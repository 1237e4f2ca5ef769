# Ruby's signet.
require "base64" # which Debian's version uses and does not ask for
require "json"
require "signet/oauth_1/client"
require "uri"

request_url, authorize_url, access_url, api, key, secret, callback = ARGV
client = Signet::OAuth1::Client.new(
  temporary_credential_uri: request_url, authorization_uri: authorize_url, token_credential_uri: access_url,
  client_credential_key: key, client_credential_secret: secret, callback: callback
)
client.fetch_temporary_credential!
$stdout.sync = true
puts client.authorization_uri
answer = $stdin.gets.strip
verifier = callback == "oob" ? answer : URI.decode_www_form(URI(answer).query).to_h["oauth_verifier"]
client.fetch_token_credential!(verifier: verifier)
# It writes the parameters of a form into the header too, and signs them once, so that these go into the query.
query = "from=Ruby&to=15551234567&text=a%2Bb%20%26%20c%C3%A9%20100%20%25"
sent = JSON.parse(client.fetch_protected_resource(uri: "#{api}/sms/json?#{query}").body)
balance = JSON.parse(client.fetch_protected_resource(uri: "#{api}/account/get-balance?unused=1%20%2B%201").body)
puts "#{sent["messages"][0]["status"]} #{balance["value"]}"
