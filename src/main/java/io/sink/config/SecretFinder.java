package io.sink.config;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds the secret values among a catalog's properties, by the names of keys and by the shape of URIs. */
final class SecretFinder {

    private static final Pattern TELLING = Pattern.compile(".*(token|credential|secret|passw|passphrase|authorization"
            + "|cookie|signature|connection-string|apikey|(access|private|account|shared|api|encryption)-?key"
            + "|passcode|pswd|code-verifier|saml-?response|sessionid|session-id).*"
            + "|.*(-key|pass)|(.*-)?(sas|pwd|pw|psw|sig|pat|psk|hmac|totp|mfa)(-.*)?"
            + "|(.*-)?(auth|bearer|jwt|pin|otp|assertion|sslkey|pem)|header-.*");

    /** Names that speak of a secret and do not hold it: {@code token-refresh-enabled}, {@code s3.access-key-id}. */
    private static final Pattern HARMLESS =
            Pattern.compile(".*key-?id|.*-(enabled|uri|url|endpoint|provider|impl|ms|expires-at|account-name|file|path)"
                    + "|header-(x-iceberg-.*|user-agent|accept(-.*)?|content-type|x-client-version)");

    /** Words that name a way to authenticate: they are no secrets, and stand in many texts. */
    private static final Pattern WORD = Pattern.compile(
            "true|false|none|basic|bearer|digest|kerberos|simple|token|oauth2?|sigv4|saml|nosasl",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern USER_INFO = Pattern.compile("//([^/?#\\s]+)@");
    /** Azure's locations have the container where others have a user. */
    private static final Pattern CONTAINER = Pattern.compile("^(abfs|wasb)s?://", Pattern.CASE_INSENSITIVE);
    /** A value in braces, as SQL Server's driver reads it, may hold characters that end other values. */
    private static final Pattern PARAMETER = Pattern.compile("[?&;]([^=&;?#]+)=(\\{(?:[^}]|\\}\\})*\\}|[^&;#\\s]*)");

    /** {@code jdbc:oracle:thin:scott/tiger@host}, where the password may stand in quotes. */
    private static final Pattern ORACLE = Pattern.compile("jdbc:oracle:[a-z0-9]+:[^/@]*/(\"[^\"]*\"|\\S+)@");

    /** As in {@code org.apache.kafka…LoginModule required username="ann" password="…";}. */
    private static final Pattern ASSIGNMENT =
            Pattern.compile("\\b([A-Za-z][\\w.-]*)\\s*=\\s*(\"[^\"]*\"|'[^']*'|[^\\s;,&]+)");

    /** Where a further word begins in a name such as {@code masterKey}. */
    private static final Pattern HUMP = Pattern.compile("(?<=[a-z0-9])(?=[A-Z])");

    private SecretFinder() {}

    /** Whether a property, parameter or variable of this name holds a secret. */
    static boolean looksSecret(String name) {
        return isTelling(name) || isTelling(HUMP.matcher(name).replaceAll("-"));
    }

    private static boolean isTelling(String name) {
        String plain = name.toLowerCase(Locale.ROOT).replaceAll("[_.\\s]", "-");
        return TELLING.matcher(plain).matches() && !HARMLESS.matcher(plain).matches();
    }

    /** Every secret value among the properties, and the parts of it that could be printed alone. */
    static Set<String> secretsOf(Map<String, String> properties) {
        Set<String> secrets = new LinkedHashSet<>();
        properties.forEach((key, value) -> {
            if (looksSecret(key)) {
                secrets.addAll(parts(value));
            }
            secrets.addAll(inUri(value));
            ASSIGNMENT
                    .matcher(value)
                    .results()
                    .filter(m -> looksSecret(m.group(1)))
                    .forEach(m -> secrets.add(m.group(2).replaceAll("^[\"']|[\"']$", "")));
        });
        String user = properties.get("rest.auth.basic.username");
        String password = properties.get("rest.auth.basic.password");
        if (user != null && password != null) {
            secrets.add(user + ":" + password);
        }
        return secrets;
    }

    /**
     * The whole value, what follows the colon of {@code id:secret}, and what follows the scheme of {@code Bearer
     * token}.
     */
    static Set<String> parts(String value) {
        Set<String> parts = new LinkedHashSet<>();
        if (WORD.matcher(value).matches()) {
            return parts;
        }
        parts.add(value);
        parts.add(value.substring(value.indexOf(':') + 1));
        String scheme = value.substring(0, value.indexOf(' ') + 1);
        String token = value.substring(scheme.length()).strip();
        parts.add(token);
        parts.addAll(inParameters(";" + value));
        if (scheme.strip().equalsIgnoreCase("Basic")) {
            parts.addAll(decoded(token));
        }
        return parts;
    }

    private static Set<String> decoded(String token) {
        try {
            String pair = new String(Base64.getDecoder().decode(token), StandardCharsets.UTF_8);
            return new LinkedHashSet<>(List.of(pair, pair.substring(pair.indexOf(':') + 1)));
        } catch (IllegalArgumentException e) {
            return Set.of();
        }
    }

    /** The user info of a URI and its secret parameters, as written and decoded. */
    static Set<String> inUri(String value) {
        Set<String> secrets = new LinkedHashSet<>();
        if (!value.contains("://") && !value.startsWith("jdbc:")) {
            return secrets;
        }
        String users = CONTAINER.matcher(value).find() ? "" : value;
        USER_INFO.matcher(users).results().map(m -> m.group(1)).forEach(info -> {
            secrets.add(info);
            secrets.add(unescaped(info));
            String password = info.substring(info.indexOf(':') + 1);
            secrets.add(password);
            secrets.add(unescaped(password));
        });
        ORACLE.matcher(value).results().map(m -> m.group(1)).forEach(password -> {
            secrets.add(password);
            secrets.add(password.replaceAll("^\"|\"$", ""));
        });
        secrets.addAll(inParameters(value));
        return secrets;
    }

    /** The parameters of a URL whose names tell of a secret; the value is the second group of each. */
    static Stream<MatchResult> telling(String url) {
        return PARAMETER
                .matcher(url)
                .results()
                .filter(m -> looksSecret(m.group(1)) || m.group(1).equalsIgnoreCase("key"));
    }

    /** Values of the secret parameters of a URI or a connection string, as written and decoded. */
    private static Set<String> inParameters(String value) {
        Set<String> secrets = new LinkedHashSet<>();
        telling(value).map(m -> m.group(2)).forEach(parameter -> {
            secrets.add(parameter);
            secrets.add(unescaped(parameter));
            if (parameter.startsWith("{")) {
                String inner = parameter.substring(1, parameter.length() - 1);
                secrets.add(inner);
                secrets.add(inner.replace("}}", "}"));
            }
        });
        return secrets;
    }

    private static String unescaped(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return text;
        }
    }
}
