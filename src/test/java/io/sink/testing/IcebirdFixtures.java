package io.sink.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Tables written by icebird, unpacked into a directory of the test's own; {@code icebird/README.md} says what each is
 * for.
 *
 * @param root the directory that holds {@code exports/} and {@code exports-rows/}
 */
public record IcebirdFixtures(Path root) {

    /** The tables that have rows, by name. */
    public static final List<String> TABLES_WITH_ROWS = List.of(
            "events_v3_day",
            "events_v3_deleted",
            "events_v2_deleted",
            "events_v3_rewritten",
            "events_v2_session",
            "events_v3_new_icebird");

    /** The table that has no snapshot. */
    public static final String EMPTY_TABLE = "empty_v3";

    private static final String BLOB = "blob://";

    /** Unpacks the archive into {@code directory}, which should be empty. */
    public static IcebirdFixtures unpack(Path directory) throws IOException {
        InputStream archive =
                Objects.requireNonNull(IcebirdFixtures.class.getResourceAsStream("/icebird/exports.tar.gz"));
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new GZIPInputStream(new BufferedInputStream(archive)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                unpack(entry, tar, directory);
            }
        }
        return new IcebirdFixtures(directory);
    }

    private static void unpack(TarArchiveEntry entry, InputStream content, Path directory) throws IOException {
        Path target = entry.resolveIn(directory);
        if (entry.isDirectory()) {
            Files.createDirectories(target);
        } else if (entry.isFile()) {
            Files.createDirectories(Objects.requireNonNull(target.getParent()));
            Files.copy(content, target);
        }
    }

    /** The root of the blob store, where {@code blob://iceberg/…} begins. */
    public Path store() {
        return root.resolve("exports");
    }

    /** The table's directory, with {@code data/} and {@code metadata/} in it. */
    public Path directory(String table) {
        return store().resolve("iceberg/datasets").resolve(table);
    }

    /** The newest metadata file: the highest {@code vN} of the listing, whatever the version hint says. */
    public Path metadata(String table) throws IOException {
        try (Stream<Path> files = Files.list(directory(table).resolve("metadata"))) {
            return files.filter(file -> file.getFileName().toString().matches("v\\d+\\.metadata\\.json"))
                    .max(Comparator.comparingInt(IcebirdFixtures::version))
                    .orElseThrow();
        }
    }

    /** The table's live rows as icebird itself reads them: canonical, sorted, one a line, each line ended. */
    public Path expectedRows(String table) {
        return root.resolve("exports-rows").resolve(table + ".jsonl");
    }

    /** The local file that a location of the fixtures ({@code blob://…}) names. */
    public Path locate(String location) {
        if (!location.startsWith(BLOB)) {
            throw new IllegalArgumentException(location + " is not in the fixtures' blob store");
        }
        return store().resolve(location.substring(BLOB.length()));
    }

    private static int version(Path metadata) {
        String name = metadata.getFileName().toString();
        return Integer.parseInt(name.substring(1, name.indexOf('.')));
    }
}
