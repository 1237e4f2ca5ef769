// signpost. The form is given as text: the entity-body, as a stream.
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import oauth.signpost.basic.DefaultOAuthConsumer;
import oauth.signpost.http.HttpRequest;

class Driver {
    static class Request implements HttpRequest {
        final Map<String, String> headers = new HashMap<>();
        final String method;
        final byte[] form;
        String url;

        Request(String[] fields) {
            method = fields[0];
            url = fields[1];
            form = fields[2].getBytes(StandardCharsets.US_ASCII);
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

    public static void main(String[] keys) throws Exception {
        DefaultOAuthConsumer consumer = new DefaultOAuthConsumer(keys[0], keys[1]);
        consumer.setTokenWithSecret(keys[2], keys[3]);
        String version = System.getenv("PEER_VERSION") + ", Java " + System.getProperty("java.version");
        System.out.println(String.join("\t", "signpost (Java)", version, "text", "sign"));
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            String[] command = line.split("\t");
            List<Request> requests = new ArrayList<>();
            for (String row : Files.readAllLines(Paths.get(command[1]), StandardCharsets.US_ASCII)) {
                requests.add(new Request(row.split("\t", -1)));
            }
            long start = System.nanoTime();
            for (Request request : requests) {
                consumer.sign(request);
            }
            double seconds = (System.nanoTime() - start) / 1e9 / requests.size();
            if (command[0].equals("sign")) {
                requests.forEach(request -> System.out.println(request.getHeader("Authorization")));
            } else {
                System.out.println(seconds);
            }
        }
    }
}
