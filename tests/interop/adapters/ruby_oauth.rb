# The gem oauth, through the helper that its Net::HTTP extension uses. The form is given as text, in the request.
require "oauth"
require "oauth/client/helper"
require "oauth/request_proxy/mock_request"
require "oauth/request_proxy/net_http"
require "oauth/signature/plaintext"
require "oauth/signature/rsa/sha1"
require_relative "serve"

KNOWN = { "oauth_callback" => :oauth_callback, "oauth_verifier" => :oauth_verifier }.freeze

def sign(input)
  raise Unsupported, "a request without oauth_version" if input["version"].nil?
  method = input["signature_method"]
  raise Unsupported, "the method #{method}" unless OAuth::Signature.available_methods.key?(method.downcase)
  further = input["protocol_parameters"].to_h
  unknown = further.keys - KNOWN.keys
  raise Unsupported, "#{unknown.join(", ")} as a parameter" unless unknown.empty?
  uri = URI(input["uri"])
  request = Net::HTTPGenericRequest.new(input["method"], true, true, uri.request_uri)
  unless input["form"].empty?
    request["Content-Type"] = "application/x-www-form-urlencoded"
    request.body = input["form"]
  end
  secret = input["rsa_key"] ? input["rsa_key"]["privateKeyPem"] : input["client"]["secret"]
  consumer = OAuth::Consumer.new(input["client"]["identifier"], secret)
  token = input["token"] && OAuth::AccessToken.new(consumer, input["token"]["identifier"], input["token"]["secret"])
  options = {
    consumer: consumer, token: token, request_uri: uri.to_s, scheme: "header", signature_method: method,
    nonce: input["nonce"], timestamp: input["timestamp"]
  }
  further.each { |name, value| options[KNOWN[name]] = value }
  helper = OAuth::Client::Helper.new(request, options)
  reply = { output: helper.header }
  reply[:base_string] = helper.signature_base_string unless method == "PLAINTEXT"
  reply
end

def verify(input)
  client = input["credentials"].first
  uri, _, query = input["uri"].partition("?")
  parameters = URI.decode_www_form([query, input["body"]].reject(&:empty?).join("&")).to_h
  parameters.update(OAuth::Helper.parse_header(input["headers"].to_h["Authorization"]))
  parameters.delete("realm")
  request = { "method" => input["method"], "uri" => uri, "parameters" => parameters }
  options = { consumer_secret: client["secret"], token_secret: client["tokens"].first["secret"] }
  raise ArgumentError, "refused" unless OAuth::Signature.verify(request, options)
  { output: "accepted" }
end

serve("sign" => method(:sign), "verify" => method(:verify))
