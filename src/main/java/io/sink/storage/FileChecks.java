package io.sink.storage;

import io.sink.table.FileKind;
import io.sink.table.TableFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * Checks that files exist and have the right length: each once, a thousand at a time. Keeps a 64-bit hash of each file.
 */
public final class FileChecks {
    private static final int AT_ONCE = 1_000;
    private static final long ANY = -1;

    private final FileIO io;
    private final Consumer<String> problem;
    private final Set<Long> seen = new HashSet<>();
    private final Map<TableFile, Long> waiting = new LinkedHashMap<>();
    private long checked;

    /**
     * @param problem receives a sentence for each file that is missing or has another length; the sentence names the
     *     file
     */
    public FileChecks(FileIO io, Consumer<String> problem) {
        this.io = io;
        this.problem = problem;
    }

    /**
     * Adds a file to check, now or later.
     *
     * @param length its length in bytes according to the table; null if the table gives none
     * @throws RuntimeException as {@link #finish}
     */
    public void add(String path, FileKind kind, @Nullable Long length) {
        long said = length == null ? ANY : length;
        // A file that is named with two lengths is checked for each.
        if (seen.add(hash(path + " " + said))) {
            TableFile file = new TableFile(path, kind);
            if (waiting.size() == AT_ONCE || waiting.containsKey(file)) {
                finish();
            }
            waiting.put(file, said);
        }
    }

    private static long hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Checks the files that wait.
     *
     * @throws RuntimeException if the storage does not tell whether a file exists
     */
    public void finish() {
        Map<String, Long> lengths = new HashMap<>();
        for (FoundFile found : Storage.look(io, waiting.keySet())) {
            lengths.put(found.file().path(), found.bytes());
        }
        waiting.forEach((file, said) -> {
            Long length = lengths.get(file.path());
            if (length == null) {
                problem.accept(file.path() + " is missing");
            } else if (said != ANY && !length.equals(said)) {
                problem.accept(file.path() + " has " + length + " bytes, the table says " + said);
            }
        });
        checked += waiting.size();
        waiting.clear();
    }

    /** How many files were checked. */
    public long checked() {
        return checked;
    }
}
