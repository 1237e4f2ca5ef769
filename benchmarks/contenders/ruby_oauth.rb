# The gem oauth, through the helper that its Net::HTTP extension uses. The form is given as text, in the request.
require "oauth"
require "oauth/client/helper"
require "oauth/request_proxy/net_http"
require "uri"

key, secret, token, token_secret = ARGV
CONSUMER = OAuth::Consumer.new(key, secret)
TOKEN = OAuth::AccessToken.new(CONSUMER, token, token_secret)

def sign(request, uri)
  OAuth::Client::Helper.new(
    request, consumer: CONSUMER, token: TOKEN, request_uri: uri, scheme: "header", signature_method: "HMAC-SHA1"
  ).header
end

def request_of(row)
  method, uri, form = row.chomp.split("\t", -1)
  uri = URI(uri)
  request = method == "GET" ? Net::HTTP::Get.new(uri.request_uri) : Net::HTTP::Post.new(uri.request_uri)
  unless form.empty?
    request["Content-Type"] = "application/x-www-form-urlencoded"
    request.body = form
  end
  [request, uri.to_s]
end

$stdout.sync = true
puts ["oauth (Ruby)", "#{OAuth::VERSION}, Ruby #{RUBY_VERSION}", "text", "sign"].join("\t")
$stdin.each_line do |line|
  verb, path = line.chomp.split("\t")
  requests = File.foreach(path).map { |row| request_of(row) }
  if verb == "sign"
    requests.each { |request, uri| puts sign(request, uri) }
  else
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    requests.each { |request, uri| sign(request, uri) }
    puts (Process.clock_gettime(Process::CLOCK_MONOTONIC) - start) / requests.size
  end
end
