# The protocol of vectors/README.md, for the adapters written in Ruby.
require "json"

class Unsupported < StandardError; end

# The block takes "input" and returns {output, base_string}.
def serve
  $stdout.sync = true
  $stdin.each_line do |line|
    id, function, input = JSON.parse(line).values_at("id", "function", "input")
    begin
      raise Unsupported, "the function" unless function == "sign"
      raise Unsupported, "octets that are not UTF-8" unless [input["uri"], input["form"]].all?(String)
      reply = yield input
    rescue Unsupported => e
      reply = { unsupported: e.message }
    rescue StandardError, NotImplementedError => e
      reply = { error: "#{e.class}: #{e.message}" }
    end
    puts JSON.generate({ id: id, **reply })
  end
end
