package io.sink.cli;

import io.sink.config.UsageException;
import io.sink.outcome.Shard;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
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
            names = "--shard",
            paramLabel = "K/N",
            description =
                    "Work on the K-th of N parts of these tables, from 1/N to N/N; which part a table is in follows"
                            + " from its name. --max-run-bytes is for each part. Default: all of them.")
    @Nullable
    String shard;

    @Option(
            names = "--strict",
            description = "Start nothing if a TABLE, --exclude or rule matches no table; end with 2, or with 10 for a"
                    + " rule.")
    boolean strict;

    /**
     * The part of the tables that is asked for.
     *
     * @throws UsageException if what was typed is none
     */
    Shard part() {
        if (shard == null) {
            return Shard.WHOLE;
        }
        try {
            return Shard.of(shard);
        } catch (IllegalArgumentException e) {
            throw new UsageException(List.of("--shard \"" + shard + "\" " + e.getMessage()));
        }
    }

    /** The flags, and {@code strict} if it was given. */
    Map<String, String> with(Map<String, String> flags) {
        Map<String, String> all = new LinkedHashMap<>(flags);
        if (strict) {
            all.put("strict", "true");
        }
        return all;
    }
}
