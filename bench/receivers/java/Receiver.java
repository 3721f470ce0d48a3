import com.google.api.client.json.webtoken.JsonWebToken;
import com.google.auth.oauth2.TokenVerifier;
import io.javalin.Javalin;
import io.javalin.http.Context;
import io.javalin.http.ForbiddenResponse;
import io.javalin.http.Header;
import io.javalin.http.UnauthorizedResponse;
import io.javalin.json.JavalinGson;
import java.util.Map;
import java.util.Objects;

/** A receiver with Javalin and google-auth-library-oauth2-http: /open for anyone, /protected for one caller. */
public final class Receiver {
  private static final String ALLOWED_CALLER = required("ALLOWED_CALLER");

  /** One for the process: it keeps the keys. */
  private static final TokenVerifier VERIFIER =
      TokenVerifier.newBuilder()
          .setAudience(required("AUDIENCE"))
          .setIssuer("https://accounts.google.com")
          .setCertificatesLocation(required("CERTS_URL"))
          .build();

  public static void main(String[] arguments) {
    Javalin.create(
            config -> {
              config.startup.showJavalinBanner = false;
              config.jetty.host = "127.0.0.1";
              config.jetty.port = Integer.parseInt(required("PORT"));
              config.jsonMapper(new JavalinGson());
              config.routes.before("/protected", Receiver::requireCaller);
              config.routes.get("/open", Receiver::greet);
              config.routes.get("/protected", Receiver::greet);
            })
        .start();
  }

  private static void greet(Context context) {
    context.json(Map.of("greeting", "hello"));
  }

  private static void requireCaller(Context context) {
    JsonWebToken.Payload claims = verifiedClaims(context);
    if (!Boolean.TRUE.equals(claims.get("email_verified")) || !ALLOWED_CALLER.equals(claims.get("email"))) {
      throw new ForbiddenResponse();
    }
  }

  private static JsonWebToken.Payload verifiedClaims(Context context) {
    String authorization = Objects.requireNonNullElse(context.header(Header.AUTHORIZATION), "");
    if (authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      try {
        return VERIFIER.verify(authorization.substring(7)).getPayload();
      } catch (TokenVerifier.VerificationException | RuntimeException refusal) {
        // The library throws unchecked exceptions, too, for what is no token.
      }
    }
    context.header(Header.WWW_AUTHENTICATE, "Bearer");
    throw new UnauthorizedResponse();
  }

  /** Without an audience the library would take a token for anyone. */
  private static String required(String name) {
    return Objects.requireNonNull(System.getenv(name), name);
  }
}
