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

# The gem compares the signature and leaves all else to the server, among it the reading of query and form; a name twice it takes as a list.
def verify(input)
  further = input.keys - %w[method uri headers body now credentials accept token earlier disclose]
  raise Unsupported, "the option #{further.join(", ")}" unless further.empty?
  raise Unsupported, "nonces" unless input.fetch("earlier", []).empty?
  texts = [input["uri"], input["body"], *input["headers"].flatten]
  raise Unsupported, "octets that are not UTF-8" unless texts.none?(Hash)
  client, *others = input["credentials"]
  raise Unsupported, "several clients" unless others.empty?
  raise Unsupported, "clients with methods of their own" if client["methods"] || client["secret"].to_s.empty?
  names = input["headers"].map { |name, _| name.downcase }
  raise Unsupported, "a header field twice" unless names.uniq == names
  raise Unsupported, "TLS" if input["uri"].start_with?("http:") && input["accept"]&.include?("PLAINTEXT")
  headers = input["headers"].to_h { |name, value| [name.downcase, value] }
  uri, _, query = input["uri"].partition("?")
  form = headers["content-type"].to_s.match?(%r{\A\s*application/x-www-form-urlencoded\s*(;|\z)}i) ? input["body"] : ""
  pairs = URI.decode_www_form([query, form].reject(&:empty?).join("&"))
  pairs += OAuth::Helper.parse_header(headers["authorization"]).to_a if headers["authorization"]
  parameters = pairs.reject { |name, _| name == "realm" }.group_by(&:first)
  raise Unsupported, "realm outside the header" if pairs.assoc("realm") && !headers["authorization"].to_s.include?("realm=")
  parameters.transform_values! { |found| found.length > 1 ? found.map(&:last) : found.first.last }
  raise Unsupported, "a protocol parameter twice" if parameters.any? { |name, value| name.start_with?("oauth_") && value.is_a?(Array) }
  proxy = OAuth::RequestProxy.proxy({ "method" => input["method"], "uri" => uri, "parameters" => parameters })
  token = client["tokens"].find { |each| each["identifier"] == proxy.token }
  raise ArgumentError, "no such client" unless proxy.consumer_key == client["identifier"]
  raise ArgumentError, "no such token" if !token && !(proxy.token.to_s.empty? && input["token"] != "required")
  raise ArgumentError, "the token has ended" if token && token["status"]
  raise ArgumentError, "the method is not accepted" unless input.fetch("accept", ["HMAC-SHA1"]).include?(proxy.signature_method)
  unless OAuth::Signature.available_methods.key?(proxy.signature_method.downcase)
    raise Unsupported, "the method #{proxy.signature_method}"
  end
  options = { consumer_secret: client["secret"], token_secret: token ? token["secret"] : "" }
  raise ArgumentError, "refused" unless OAuth::Signature.verify(proxy.request, options)
  { output: {} }
end

serve("sign" => method(:sign), "verify" => method(:verify))
