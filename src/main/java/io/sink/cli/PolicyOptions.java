package io.sink.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;

/** Settings that win over the configuration file; read and checked where the file's are. */
final class PolicyOptions {
    @Mixin
    ExpiryOptions expiry = new ExpiryOptions();

    @Mixin
    RewriteOptions rewrite = new RewriteOptions();

    @Mixin
    PaceOptions pace = new PaceOptions();

    /** The flags that were given, by their names without dashes. */
    Map<String, String> given() {
        Map<String, String> given = new LinkedHashMap<>(expiry.given());
        given.putAll(rewrite.given());
        given.putAll(pace.given());
        return given;
    }

    static void put(Map<String, String> given, String name, @Nullable String value) {
        if (value != null) {
            given.put(name, value);
        }
    }
}
