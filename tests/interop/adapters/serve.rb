# The protocol of vectors/README.md, for the adapters written in Ruby.
require "json"

class Unsupported < StandardError; end

# The functions, by name, take "input" and return {output, base_string}.
def serve(functions)
  $stdout.sync = true
  $stdin.each_line do |line|
    id, function, input = JSON.parse(line).values_at("id", "function", "input")
    begin
      raise Unsupported, "the function" unless functions.key?(function)
      raise Unsupported, "octets that are not UTF-8" unless input.values_at("uri", "form").none?(Hash)
      reply = functions[function].call(input)
    rescue Unsupported => e
      reply = { unsupported: e.message }
    rescue StandardError, NotImplementedError => e
      reply = { error: "#{e.class}: #{e.message}" }
    end
    puts JSON.generate({ id: id, **reply })
  end
end
