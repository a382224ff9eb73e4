import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * One row by its key, signed with HTTP Message Signatures (RFC 9421). Only the JDK is needed (11 or newer):
 *
 * <pre>GATEWAY=https://host KEY_ID=… SECRET=… java Lookup.java RESOURCE KEY</pre>
 *
 * For hmac-sm3 add a provider that knows HmacSM3 (Bouncy Castle) and change the two names below.
 */
public final class Lookup {
    private static final String ALGORITHM = "hmac-sha256";
    private static final String MAC = "HmacSHA256";

    public static void main(String[] arguments) throws Exception {
        URI gateway = URI.create(System.getenv("GATEWAY"));
        String path = "/v1/resources/" + arguments[0] + "/rows/" + encode(arguments[1]);
        String parameters = parameters(System.getenv("KEY_ID"));
        String base = String.join("\n",
                "\"@method\": GET",
                "\"@authority\": " + authority(gateway),
                "\"@path\": " + path,
                "\"@query\": ?",
                "\"@signature-params\": " + parameters);

        HttpRequest request = HttpRequest.newBuilder(gateway.resolve(path))
                .header("Signature-Input", "sig=" + parameters)
                .header("Signature", "sig=:" + sign(base, System.getenv("SECRET")) + ":")
                .build();
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        System.out.write(response.body().getBytes(StandardCharsets.UTF_8));
        System.out.flush();
        if (response.statusCode() != 200) {
            System.exit(1);
        }
    }

    /** What is signed, when and by which key. The nonce is new for every request. */
    private static String parameters(String keyId) {
        byte[] nonce = new byte[18];
        new SecureRandom().nextBytes(nonce);
        return "(\"@method\" \"@authority\" \"@path\" \"@query\")"
                + ";created=" + Instant.now().getEpochSecond()
                + ";nonce=\"" + Base64.getUrlEncoder().withoutPadding().encodeToString(nonce) + "\""
                + ";keyid=\"" + keyId + "\";alg=\"" + ALGORITHM + "\"";
    }

    private static String sign(String base, String secret) throws GeneralSecurityException {
        Mac mac = Mac.getInstance(MAC);
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.US_ASCII), MAC));
        return Base64.getEncoder().encodeToString(mac.doFinal(base.getBytes(StandardCharsets.US_ASCII)));
    }

    /** Host and port, without the scheme's own port (RFC 9421, 2.2.3). */
    private static String authority(URI gateway) {
        int own = gateway.getScheme().equals("https") ? 443 : 80;
        String host = gateway.getHost().toLowerCase(Locale.ROOT);
        return gateway.getPort() == -1 || gateway.getPort() == own ? host : host + ":" + gateway.getPort();
    }

    /** Percent-encoding as URLs have it: URLEncoder writes forms, where a space is a plus. */
    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
