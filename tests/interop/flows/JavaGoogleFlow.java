// Google's OAuth client for Java, of which the part for OAuth 1.0a is still there.
import com.google.api.client.auth.oauth.OAuthAuthorizeTemporaryTokenUrl;
import com.google.api.client.auth.oauth.OAuthCallbackUrl;
import com.google.api.client.auth.oauth.OAuthCredentialsResponse;
import com.google.api.client.auth.oauth.OAuthGetAccessToken;
import com.google.api.client.auth.oauth.OAuthGetTemporaryToken;
import com.google.api.client.auth.oauth.OAuthHmacSigner;
import com.google.api.client.auth.oauth.OAuthParameters;
import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpRequestFactory;
import com.google.api.client.http.javanet.NetHttpTransport;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Map;

public class JavaGoogleFlow {
    public static void main(String[] given) throws Exception {
        String api = given[3], key = given[4], callback = given[6];
        NetHttpTransport transport = new NetHttpTransport();
        OAuthHmacSigner signer = new OAuthHmacSigner();
        signer.clientSharedSecret = given[5];
        OAuthGetTemporaryToken first = new OAuthGetTemporaryToken(given[0]) {{ usePost = true; }};
        first.transport = transport;
        first.signer = signer;
        first.consumerKey = key;
        first.callback = callback;
        OAuthCredentialsResponse temporary = first.execute();
        OAuthAuthorizeTemporaryTokenUrl page = new OAuthAuthorizeTemporaryTokenUrl(given[1]);
        page.temporaryToken = temporary.token;
        System.out.println(page.build());
        String answer = new BufferedReader(new InputStreamReader(System.in)).readLine();
        OAuthGetAccessToken last = new OAuthGetAccessToken(given[2]) {{ usePost = true; }};
        last.transport = transport;
        last.signer = signer;
        last.consumerKey = key;
        last.temporaryToken = temporary.token;
        last.verifier = callback.equals("oob") ? answer : new OAuthCallbackUrl(answer).verifier;
        signer.tokenSharedSecret = temporary.tokenSecret;
        OAuthCredentialsResponse token = last.execute();

        signer.tokenSharedSecret = token.tokenSecret;
        OAuthParameters parameters = new OAuthParameters();
        parameters.signer = signer;
        parameters.consumerKey = key;
        parameters.token = token.token;
        HttpRequestFactory requests = transport.createRequestFactory(parameters);
        // It does not sign a form, so that the SMS goes into the query.
        GenericUrl sms = new GenericUrl(api + "/sms/json");
        sms.putAll(Map.of("from", "Java", "to", "15551234567", "text", "a+b & cé 100 %"));
        String sent = requests.buildPostRequest(sms, null).execute().parseAsString();
        GenericUrl balance = new GenericUrl(api + "/account/get-balance?unused=1%20%2B%201");
        String left = requests.buildGetRequest(balance).execute().parseAsString();
        System.out.println(between(sent, "\"status\":\"", "\"") + " " + between(left, "\"value\":", ","));
    }

    private static String between(String text, String before, String after) {
        int start = text.indexOf(before) + before.length();
        return text.substring(start, text.indexOf(after, start));
    }
}
