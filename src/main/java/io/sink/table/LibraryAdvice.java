package io.sink.table;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Removes a library's advice from its messages. Such advice can lose rows here: for example to sweep orphan files after
 * a commit of unknown state, or to skip damaged data.
 *
 * @ref LLP 0004#others-advice
 */
final class LibraryAdvice {
    private static final List<Pattern> ADVICE = List.of(
            // Iceberg: after a commit of unknown state, of an encrypted table, of a file too large for its cache, and
            // where a catalog's server is made of its classes.
            Pattern.compile(
                    "\\s*Cannot determine whether the commit was successful or not, the underlying data.*?"
                            + "(unused manifest lists\\.|$)",
                    Pattern.DOTALL),
            Pattern.compile(" ?\\(use EncryptingFileIO\\)"),
            Pattern.compile(", consider reducing eager fetch threshold below \\S+ bytes(: \\S+)?"),
            Pattern.compile(", please retry(?=:|$)"),
            // Iceberg and Parquet, of pages that cannot be read or written.
            Pattern.compile(":? ?(try setting|to read safely, set) parquet\\.split\\.files to false"),
            Pattern.compile(" ?Please set page\\.size\\.row\\.check\\.max .*?(or lower\\.|$)"),
            // ORC, and its Protocol Buffers.
            Pattern.compile("\\.? ?To skip reading corrupted data, set \\S+ to true"),
            Pattern.compile(" *Use (CodedInputStream\\.)?set\\w+Limit\\(\\) to increase the [\\w ]+ limit\\."),
            // Jackson
            Pattern.compile(" ?\\(consider enabling `[^`]*`.*?\\)\\)"));

    private LibraryAdvice() {}

    /** The message without advice; the description of the failure stays. */
    static String without(String message) {
        String told = message;
        for (Pattern advice : ADVICE) {
            told = advice.matcher(told).replaceAll("");
        }
        return told;
    }
}
