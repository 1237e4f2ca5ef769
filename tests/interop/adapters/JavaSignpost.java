// signpost. The form is given as text: the entity-body, as a stream.
import com.google.gson.Gson;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import oauth.signpost.AbstractOAuthConsumer;
import oauth.signpost.http.HttpParameters;
import oauth.signpost.http.HttpRequest;
import oauth.signpost.signature.HmacSha1MessageSigner;
import oauth.signpost.signature.PlainTextMessageSigner;
import oauth.signpost.signature.SignatureBaseString;

class JavaSignpost {
    static class Unsupported extends Exception {
        Unsupported(String what) { super(what); }
    }

    static class Request implements HttpRequest {
        final Map<String, String> headers = new HashMap<>();
        final String method;
        final byte[] form;
        String url;

        Request(String method, String url, String form) {
            this.method = method;
            this.url = url;
            this.form = form.getBytes(StandardCharsets.UTF_8);
        }

        public String getMethod() { return method; }
        public String getRequestUrl() { return url; }
        public void setRequestUrl(String value) { url = value; }
        public void setHeader(String name, String value) { headers.put(name, value); }
        public String getHeader(String name) { return headers.get(name); }
        public Map<String, String> getAllHeaders() { return headers; }
        public InputStream getMessagePayload() { return form.length == 0 ? null : new ByteArrayInputStream(form); }
        public String getContentType() { return form.length == 0 ? null : "application/x-www-form-urlencoded"; }
        public Object unwrap() { return this; }
    }

    static class Consumer extends AbstractOAuthConsumer {
        final String nonce, timestamp;

        Consumer(JsonObject client, String nonce, String timestamp) {
            super(client.get("identifier").getAsString(), client.get("secret").getAsString());
            this.nonce = nonce;
            this.timestamp = timestamp;
        }

        protected String generateNonce() { return nonce; }
        protected String generateTimestamp() { return timestamp; }
        protected HttpRequest wrap(Object request) { return (HttpRequest) request; }
    }

    // The library's signer, which also keeps what it signs.
    static class Watching extends HmacSha1MessageSigner {
        String baseString;

        public String sign(HttpRequest request, HttpParameters parameters)
                throws oauth.signpost.exception.OAuthMessageSignerException {
            baseString = new SignatureBaseString(request, parameters).generate();
            return super.sign(request, parameters);
        }
    }

    static void sign(JsonObject in, JsonObject reply) throws Exception {
        if (!in.get("uri").isJsonPrimitive() || !in.get("form").isJsonPrimitive())
            throw new Unsupported("octets that are not UTF-8");
        if (in.get("version").isJsonNull())
            throw new Unsupported("a request without oauth_version");
        String method = in.get("signature_method").getAsString();
        JsonObject client = in.getAsJsonObject("client");
        Consumer consumer = new Consumer(client, in.get("nonce").getAsString(), in.get("timestamp").getAsString());
        Watching signer = new Watching();
        if (method.equals("HMAC-SHA1"))
            consumer.setMessageSigner(signer);
        else if (method.equals("PLAINTEXT"))
            consumer.setMessageSigner(new PlainTextMessageSigner());
        else
            throw new Unsupported("the method " + method);
        if (!in.get("token").isJsonNull()) {
            JsonObject token = in.getAsJsonObject("token");
            consumer.setTokenWithSecret(token.get("identifier").getAsString(), token.get("secret").getAsString());
        }
        HttpParameters further = new HttpParameters();
        for (JsonElement pair : in.getAsJsonArray("protocol_parameters")) {
            JsonArray both = pair.getAsJsonArray();
            further.put(both.get(0).getAsString(), both.get(1).getAsString(), true);
        }
        consumer.setAdditionalParameters(further);
        Request request =
            new Request(in.get("method").getAsString(), in.get("uri").getAsString(), in.get("form").getAsString());
        consumer.sign(request);
        reply.addProperty("output", request.getHeader("Authorization"));
        if (signer.baseString != null)
            reply.addProperty("base_string", signer.baseString);
    }

    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            JsonObject request = JsonParser.parseString(line).getAsJsonObject();
            JsonObject reply = new JsonObject();
            reply.add("id", request.get("id"));
            try {
                if (!request.get("function").getAsString().equals("sign"))
                    throw new Unsupported("the function");
                sign(request.getAsJsonObject("input"), reply);
            } catch (Unsupported what) {
                reply.addProperty("unsupported", what.getMessage());
            } catch (Exception error) {
                reply.addProperty("error", String.valueOf(error));
            }
            out.println(new Gson().toJson(reply));
        }
    }
}
