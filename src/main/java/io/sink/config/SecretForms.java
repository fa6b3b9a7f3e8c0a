package io.sink.config;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** The ways in which one value gets into a text: as it is, and as JSON, HTML, URLs and HTTP headers carry it. */
final class SecretForms {

    private static final Pattern ESCAPED_BYTE = Pattern.compile("%[0-9A-F]{2}");

    private SecretForms() {}

    /** The value and its encoded forms; empty for a value too short to be hidden. */
    static Set<String> of(String value) {
        Set<String> forms = new LinkedHashSet<>();
        if (value.length() < Secrets.SHORTEST) {
            return forms;
        }
        forms.add(value);
        String json = new String(JsonStringEncoder.getInstance().quoteAsString(value));
        forms.add(json);
        forms.add(json.replace("/", "\\/"));
        forms.add(asciiOnly(json));
        forms.add(shown(json.chars(), "\\u%04X"));
        // Reports, pages and logs replace characters that could move the cursor.
        String plain = shown(value.codePoints(), "\\u%04x");
        forms.add(plain);
        forms.add(shown(value.codePoints(), "?"));
        forms.add(value.replace("\n", "\\n"));
        for (String page : List.of(html(value), html(plain))) {
            forms.add(page);
            forms.add(page.replace("&#39;", "&#x27;"));
        }
        String form = URLEncoder.encode(value, StandardCharsets.UTF_8);
        for (String url :
                List.of(form, form.replace("+", "%20"), form.replace("+", "%20").replace("%7E", "~"))) {
            forms.add(url);
            forms.add(ESCAPED_BYTE.matcher(url).replaceAll(b -> b.group().toLowerCase(Locale.ROOT)));
        }
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        forms.add(Base64.getEncoder().encodeToString(bytes));
        forms.add(Base64.getEncoder().withoutPadding().encodeToString(bytes));
        forms.add(Base64.getUrlEncoder().encodeToString(bytes));
        forms.add(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
        return forms;
    }

    private static String asciiOnly(String json) {
        StringBuilder text = new StringBuilder();
        json.chars().forEach(c -> text.append(c < 128 ? Character.toString(c) : "\\u%04x".formatted(c)));
        return text.toString();
    }

    /** Replaces each character that could hide or reverse text. */
    private static String shown(IntStream value, String hiding) {
        StringBuilder text = new StringBuilder();
        value.forEach(c -> {
            int type = Character.getType(c);
            boolean hides = type == Character.CONTROL
                    || type == Character.FORMAT
                    || type == Character.SURROGATE
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR;
            text.append(hides ? hiding.formatted(c) : Character.toString(c));
        });
        return text.toString();
    }

    private static String html(String value) {
        return value.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;")
                .replace("'", "&#39;");
    }
}
