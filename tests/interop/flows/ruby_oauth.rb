# Ruby's oauth.
require "json"
require "oauth"
require "uri"

request_url, authorize_url, access_url, api, key, secret, callback = ARGV
consumer = OAuth::Consumer.new(
  key, secret, site: api, request_token_url: request_url, authorize_url: authorize_url, access_token_url: access_url
)
request_token = consumer.get_request_token(oauth_callback: callback)
$stdout.sync = true
puts request_token.authorize_url
answer = $stdin.gets.strip
verifier = callback == "oob" ? answer : URI.decode_www_form(URI(answer).query).to_h["oauth_verifier"]
token = request_token.get_access_token(oauth_verifier: verifier)
sent = JSON.parse(token.post("/sms/json", "from" => "Ruby", "to" => "15551234567", "text" => "a+b & cé 100 %").body)
balance = JSON.parse(token.get("/account/get-balance?unused=1%20%2B%201").body)
puts "#{sent["messages"][0]["status"]} #{balance["value"]}"
