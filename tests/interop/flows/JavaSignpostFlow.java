// signpost, over HttpURLConnection.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import oauth.signpost.OAuth;
import oauth.signpost.basic.DefaultOAuthConsumer;
import oauth.signpost.basic.DefaultOAuthProvider;
import oauth.signpost.http.HttpParameters;

public class JavaSignpostFlow {
    public static void main(String[] given) throws Exception {
        String api = given[3], callback = given[6];
        DefaultOAuthConsumer consumer = new DefaultOAuthConsumer(given[4], given[5]);
        DefaultOAuthProvider provider = new DefaultOAuthProvider(given[0], given[2], given[1]);
        System.out.println(provider.retrieveRequestToken(consumer, callback));
        String answer = new BufferedReader(new InputStreamReader(System.in)).readLine();
        String verifier = callback.equals("oob") ? answer
            : OAuth.decodeForm(URI.create(answer).getRawQuery()).getFirst(OAuth.OAUTH_VERIFIER);
        provider.setOAuth10a(true);
        provider.retrieveAccessToken(consumer, verifier);

        HttpParameters form = new HttpParameters();
        form.put("from", OAuth.percentEncode("Java"));
        form.put("to", OAuth.percentEncode("15551234567"));
        form.put("text", OAuth.percentEncode("a+b & cé 100 %"));
        HttpURLConnection post = (HttpURLConnection) URI.create(api + "/sms/json").toURL().openConnection();
        post.setRequestMethod("POST");
        post.setDoOutput(true);
        consumer.setAdditionalParameters(form);
        consumer.sign(post);
        StringBuilder body = new StringBuilder();
        for (String name : form.keySet()) {
            body.append(body.length() == 0 ? "" : "&").append(name).append("=").append(form.getFirst(name));
        }
        try (OutputStream out = post.getOutputStream()) {
            out.write(body.toString().getBytes(StandardCharsets.US_ASCII));
        }
        consumer.setAdditionalParameters(null);
        String sent = field(post, "\"status\":\"", "\"");
        HttpURLConnection get =
            (HttpURLConnection) URI.create(api + "/account/get-balance?unused=1%20%2B%201").toURL().openConnection();
        consumer.sign(get);
        System.out.println(sent + " " + field(get, "\"value\":", ","));
    }

    private static String field(HttpURLConnection connection, String before, String after) throws Exception {
        String text = new String(connection.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int start = text.indexOf(before) + before.length();
        return text.substring(start, text.indexOf(after, start));
    }
}
