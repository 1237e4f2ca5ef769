# The gem simple_oauth. The form is given as a hash, decoded beforehand.
require "simple_oauth"
require "uri"

key, secret, token, token_secret = ARGV
KEYS = { consumer_key: key, consumer_secret: secret, token: token, token_secret: token_secret }.freeze

def sign(request)
  SimpleOAuth::Header.new(*request, KEYS).to_s
end

$stdout.sync = true
puts ["simple_oauth (Ruby)", "#{ENV["PEER_VERSION"]}, Ruby #{RUBY_VERSION}", "hash", "sign"].join("\t")
$stdin.each_line do |line|
  verb, path = line.chomp.split("\t")
  requests = File.foreach(path).map do |row|
    method, uri, form = row.chomp.split("\t", -1)
    [method, uri, URI.decode_www_form(form).to_h]
  end
  if verb == "sign"
    requests.each { |request| puts sign(request) }
  else
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    requests.each { |request| sign(request) }
    puts (Process.clock_gettime(Process::CLOCK_MONOTONIC) - start) / requests.size
  end
end
