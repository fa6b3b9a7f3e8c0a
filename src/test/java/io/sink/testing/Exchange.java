package io.sink.testing;

import java.util.Locale;
import java.util.Map;

/**
 * What a {@link FaultyWire} carries: one request as its head tells.
 *
 * @param number counts the requests of the wire from 1, those that a client sends again included
 * @param target the path with its query, as it was sent
 * @param headers by their names in lower case; of several with one name the last
 */
public record Exchange(int number, String method, String target, Map<String, String> headers) {

    /** The target without its query. */
    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /** Whether the target has this query parameter, with or without a value. */
    public boolean asks(String parameter) {
        int query = target.indexOf('?');
        return query >= 0 && target.substring(query + 1).matches("(.*&)?" + parameter + "([=&].*)?");
    }

    /** A header's value, or an empty string. */
    public String header(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    @Override
    public String toString() {
        return number + " " + method + " " + target;
    }
}
