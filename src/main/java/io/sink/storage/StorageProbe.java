package io.sink.storage;

import io.sink.table.Failures;
import io.sink.table.FileKind;
import io.sink.table.LocationNormalizer;
import io.sink.table.TableFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.SupportsPrefixOperations;
import org.jspecify.annotations.Nullable;

/** Tries the operations of maintenance on a table's storage, with objects that it creates and deletes again. */
public final class StorageProbe {
    private static final String NAME = "sink-probe-";

    private StorageProbe() {}

    /**
     * What was tried.
     *
     * @param what such as {@code list}
     * @param where the location
     * @param problem what went wrong, with the missing permission if the storage names it; null if nothing did
     */
    public record Tried(String what, String where, @Nullable String problem) {}

    /** Lists, reads, writes and deletes where the table's metadata is, and writes and deletes where its data is. */
    public static List<Tried> of(TableOperations ops) {
        List<Tried> tried = new ArrayList<>();
        String directory = ops.metadataFileLocation("");
        tried.add(tried("list", directory, () -> list(ops.io(), directory)));
        String metadata = ops.current().metadataFileLocation();
        tried.add(tried("read", metadata, () -> read(ops.io(), metadata)));
        String name = NAME + UUID.randomUUID();
        writeAndDelete(ops, ops.metadataFileLocation(name), tried);
        writeAndDelete(ops, ops.locationProvider().newDataLocation(name), tried);
        return List.copyOf(tried);
    }

    private static void writeAndDelete(TableOperations ops, String location, List<Tried> tried) {
        List<Path> made = missingFolders(ops.io(), location);
        Tried put = tried("put", location, () -> write(ops.io(), location));
        tried.add(put);
        if (put.problem() == null) {
            tried.add(tried("delete", location, () -> delete(ops, location)));
        }
        Storage.deleteEmptyFolders(made);
    }

    /**
     * The folders of a local disk that writing there makes, the innermost first. They would belong to whoever tries,
     * who may be another user than the table's writers.
     */
    private static List<Path> missingFolders(FileIO io, String location) {
        String local = LocationNormalizer.of(io).normal(location);
        List<Path> missing = new ArrayList<>();
        if (local.startsWith("/")) {
            Path folder = Path.of(local).getParent();
            while (folder != null && !Files.exists(folder)) {
                missing.add(folder);
                folder = folder.getParent();
            }
        }
        return missing;
    }

    private static Tried tried(String what, String where, Supplier<@Nullable String> attempt) {
        try {
            return new Tried(what, where, attempt.get());
        } catch (RuntimeException e) {
            return new Tried(what, where, Failures.message(e));
        }
    }

    private static @Nullable String list(FileIO io, String directory) {
        if (!(io instanceof SupportsPrefixOperations listing)) {
            return "this storage cannot list; what a killed run leaves behind cannot be found";
        }
        return listing.listPrefix(directory).iterator().hasNext()
                ? null
                : "the listing is empty, although the table's metadata lies there";
    }

    private static @Nullable String read(FileIO io, String location) {
        try (InputStream in = io.newInputFile(location).newStream()) {
            return in.read() < 0 ? "it is empty" : null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static @Nullable String write(FileIO io, String location) {
        try (OutputStream out = io.newOutputFile(location).create()) {
            out.write("a probe of sink".getBytes(StandardCharsets.UTF_8));
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Deletes as maintenance does, and looks whether the object is gone. */
    private static @Nullable String delete(TableOperations ops, String location) {
        FoundFile probe = new FoundFile(new TableFile(location, FileKind.DATA), 0);
        return Storage.delete(ops.io(), Locations.of(ops.current(), ops.io()), List.of(probe))
                .left()
                .get(location);
    }
}
