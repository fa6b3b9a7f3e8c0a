package io.sink.testing;

import io.sink.catalog.RoutedFileIO;
import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.outcome.ActionResult;
import io.sink.testing.Faults.When;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SupportsBulkOperations;
import org.apache.iceberg.io.SupportsPrefixOperations;

/**
 * A program of its own that maintains one table and ends, without a goodbye, right after its k-th call to storage or
 * catalog. What a process does between two calls leaves no trace outside of it, so these are all the moments there are.
 *
 * <p>Arguments: {@code path} or {@code jdbc}, the warehouse, the table's name below it, {@code compact},
 * {@code expire}, {@code deletes} or {@code manifests}, and k. With status 0 it came to its end in fewer calls, and
 * stdout has their number.
 */
public final class DiesAtCall {
    /** The status of a process that died. */
    public static final int DEAD = 137;

    private static volatile Faults faults = Faults.none();

    private DiesAtCall() {}

    public static void main(String[] args) {
        int last = Integer.parseInt(args[4]);
        try (TableSource source = open(args[0], Path.of(args[1]))) {
            TableOperations ops = source.load(ref(args[2])).operations();
            faults = new Faults(last, true, When.AFTER, message -> {
                Runtime.getRuntime().halt(DEAD);
                return new IllegalStateException(message);
            });
            Faults onFiles = args[0].equals("jdbc") ? Faults.none() : faults;
            List<ActionResult> results = maintain(args[3], new FaultyOperations(ops, faults, onFiles));
            System.out.println(faults.calls() + " calls " + results);
        }
    }

    /** Does to a table what the program does: settles what dead runs left, then that. */
    public static List<ActionResult> maintain(String type, Path warehouse, String table, String what) {
        try (TableSource source = OpenCatalogs.open("lake", type, properties(type, warehouse), warehouse)) {
            return maintain(what, source.load(ref(table)).operations());
        }
    }

    private static List<ActionResult> maintain(String what, TableOperations ops) {
        ActionResult settled = Compacting.settling().execute(ops);
        ActionResult done = switch (what) {
            case "compact" -> Compacting.small().execute(ops);
            case "expire" -> Expiry.keeping(2).execute(ops);
            case "deletes" -> Acting.removingDanglingDeletes().execute(ops);
            case "manifests" -> Acting.rewritingManifests(2).execute(ops);
            default -> throw new IllegalArgumentException(what);
        };
        return List.of(settled, done);
    }

    private static TableSource open(String type, Path warehouse) {
        Map<String, String> properties = new HashMap<>(properties(type, warehouse));
        properties.put(CatalogProperties.FILE_IO_IMPL, CountedFiles.class.getName());
        return OpenCatalogs.open("lake", type, properties, warehouse);
    }

    private static Map<String, String> properties(String type, Path warehouse) {
        return type.equals("jdbc")
                ? SqliteCatalog.properties(warehouse)
                : Map.of(CatalogProperties.WAREHOUSE_LOCATION, warehouse.toString());
    }

    private static TableRef ref(String table) {
        List<String> levels = Arrays.asList(table.split("/", -1));
        return new TableRef("lake", levels.subList(0, levels.size() - 1), levels.get(levels.size() - 1));
    }

    /** The files of a catalog that makes its FileIO by class name, metadata files included. */
    public static final class CountedFiles implements SupportsPrefixOperations, SupportsBulkOperations {
        private static final long serialVersionUID = 1L;

        private final transient RoutedFileIO files = new RoutedFileIO();

        private FaultyFileIO counted() {
            return new FaultyFileIO(files, faults);
        }

        @Override
        public void initialize(Map<String, String> properties) {
            files.initialize(properties);
        }

        @Override
        public Map<String, String> properties() {
            return files.properties();
        }

        @Override
        public InputFile newInputFile(String path) {
            return counted().newInputFile(path);
        }

        @Override
        public OutputFile newOutputFile(String path) {
            return counted().newOutputFile(path);
        }

        @Override
        public void deleteFile(String path) {
            counted().deleteFile(path);
        }

        @Override
        public void deleteFiles(Iterable<String> paths) {
            counted().deleteFiles(paths);
        }

        @Override
        public Iterable<FileInfo> listPrefix(String prefix) {
            return counted().listPrefix(prefix);
        }

        @Override
        public void deletePrefix(String prefix) {
            counted().deletePrefix(prefix);
        }

        @Override
        public void close() {
            ((FileIO) files).close();
        }
    }
}
