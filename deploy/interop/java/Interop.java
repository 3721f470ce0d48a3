import com.google.api.client.http.GenericUrl;
import com.google.api.client.http.HttpRequest;
import com.google.api.client.http.HttpRequestFactory;
import com.google.api.client.http.javanet.NetHttpTransport;
import com.google.api.client.http.json.JsonHttpContent;
import com.google.api.client.json.JsonObjectParser;
import com.google.api.client.json.gson.GsonFactory;
import com.google.api.client.util.GenericData;
import com.google.auth.http.HttpCredentialsAdapter;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.auth.oauth2.IdTokenCredentials;
import com.google.auth.oauth2.IdTokenProvider;
import com.google.auth.oauth2.TokenVerifier;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * google-auth-library-oauth2-http: calls profile-service, or verifies a token; prints one line, a word and what belongs
 * to it.
 */
public final class Interop {
  private static final String AUDIENCE = System.getenv("PROFILE_AUDIENCE");
  private static final NetHttpTransport TRANSPORT = new NetHttpTransport();

  public static void main(String[] arguments) throws Exception {
    switch (arguments[0]) {
      case "call" -> call();
      case "federated" -> federated();
      case "verify" -> verify();
      default -> throw new IllegalArgumentException(arguments[0]);
    }
  }

  /**
   * With the credentials of this environment. On a private service Cloud Run checks the second header, and leaves the
   * first one, the library's, to the service.
   */
  private static void call() throws IOException {
    IdTokenCredentials credentials =
        IdTokenCredentials.newBuilder()
            .setIdTokenProvider((IdTokenProvider) GoogleCredentials.getApplicationDefault())
            .setTargetAudience(AUDIENCE)
            .setOptions(List.of(IdTokenProvider.Option.FORMAT_FULL))
            .build();
    credentials.refreshIfExpired();
    HttpRequest call = TRANSPORT.createRequestFactory(new HttpCredentialsAdapter(credentials)).buildGetRequest(profile());
    call.getHeaders().set("X-Serverless-Authorization", "Bearer " + credentials.getIdToken().getTokenValue());
    show(call);
  }

  /** The library brings an access token. The step from there to an ID token is ours: its own knows one host only. */
  private static void federated() throws IOException {
    GoogleCredentials credentials =
        GoogleCredentials.getApplicationDefault().createScoped("https://www.googleapis.com/auth/cloud-platform");
    HttpRequestFactory requests = TRANSPORT.createRequestFactory(new HttpCredentialsAdapter(credentials));
    String account = System.getenv("IAM_CREDENTIALS_URL") + "/v1/projects/-/serviceAccounts/" + System.getenv("TARGET");
    GsonFactory json = GsonFactory.getDefaultInstance();
    JsonHttpContent body = new JsonHttpContent(json, Map.of("audience", AUDIENCE, "includeEmail", true));
    HttpRequest request = requests.buildPostRequest(new GenericUrl(account + ":generateIdToken"), body);
    request.setParser(new JsonObjectParser(json));
    Object token = request.execute().parseAs(GenericData.class).get("token");
    HttpRequest call = TRANSPORT.createRequestFactory().buildGetRequest(profile());
    call.getHeaders().setAuthorization("Bearer " + token);
    show(call);
  }

  /** The token on standard input. */
  private static void verify() throws IOException {
    TokenVerifier verifier =
        TokenVerifier.newBuilder()
            .setAudience(AUDIENCE)
            .setIssuer("https://accounts.google.com")
            .setCertificatesLocation(System.getenv("CERTS_URL"))
            .build();
    try {
      String token = new String(System.in.readAllBytes()).trim();
      System.out.println("accepted " + verifier.verify(token).getPayload().get("email"));
    } catch (TokenVerifier.VerificationException refusal) {
      System.out.println("refused " + refusal.getMessage());
    }
  }

  private static GenericUrl profile() {
    return new GenericUrl(System.getenv("PROFILE_URL") + "/profiles/ada");
  }

  private static void show(HttpRequest request) throws IOException {
    System.out.println("status " + request.setThrowExceptionOnExecuteError(false).execute().getStatusCode());
  }
}
