package io.sink.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which tables a command is about. */
final class SelectionOptions {

    @Parameters(
            arity = "0..*",
            paramLabel = "TABLE",
            description = "catalog, catalog.namespace.table or a quoted glob: * is within one level, ** any number of"
                    + " levels. Default: every table of every catalog.")
    List<String> tables = new ArrayList<>();

    @Option(
            names = "--exclude",
            paramLabel = "TABLE",
            description = "Leave these tables out; they are reported as excluded. May be repeated.")
    List<String> exclude = new ArrayList<>();

    @Option(
            names = "--strict",
            description = "Start nothing if a TABLE, --exclude or rule matches no table; end with 2, or with 10 for a"
                    + " rule.")
    boolean strict;

    /** The flags, and {@code strict} if it was given. */
    Map<String, String> with(Map<String, String> flags) {
        Map<String, String> all = new LinkedHashMap<>(flags);
        if (strict) {
            all.put("strict", "true");
        }
        return all;
    }
}
