# The gem simple_oauth. The URL is given as text, the form as a list of pairs.
require "simple_oauth"
require "uri"
require_relative "serve"

KNOWN = { "oauth_callback" => :callback, "oauth_verifier" => :verifier }.freeze
METHODS = %w[HMAC-SHA1 RSA-SHA1 PLAINTEXT].freeze

def sign(input)
  method = input["signature_method"]
  raise Unsupported, "the method #{method}" unless METHODS.include?(method)
  raise Unsupported, "a request without oauth_version" if input["version"].nil?
  further = input["protocol_parameters"].to_h
  unknown = further.keys - KNOWN.keys
  raise Unsupported, "#{unknown.join(", ")} as a parameter" unless unknown.empty?
  client, token = input.values_at("client", "token")
  options = {
    consumer_key: client["identifier"], consumer_secret: client["secret"], signature_method: method,
    nonce: input["nonce"], timestamp: input["timestamp"], version: input["version"]
  }
  options[:consumer_secret] = input["rsa_key"]["privateKeyPem"] if input["rsa_key"]
  options.update(token: token["identifier"], token_secret: token["secret"]) if token
  further.each { |name, value| options[KNOWN[name]] = value }
  header = SimpleOAuth::Header.new(input["method"], input["uri"], URI.decode_www_form(input["form"]), options)
  reply = { output: header.to_s }
  reply[:base_string] = header.send(:signature_base) unless method == "PLAINTEXT"
  reply
end

def verify(input)
  client = input["credentials"].first
  secrets = { consumer_secret: client["secret"], token_secret: client["tokens"].first["secret"] }
  attributes = SimpleOAuth::Header.parse(input["headers"].to_h["Authorization"])
  attributes.delete(:realm)
  form = URI.decode_www_form(input["body"])
  header = SimpleOAuth::Header.new(input["method"], input["uri"], form, attributes)
  raise ArgumentError, "refused" unless header.valid?(secrets)
  { output: "accepted" }
end

serve("sign" => method(:sign), "verify" => method(:verify))
