package lib;

import io.sink.catalog.RoutedFileIO;
import io.sink.testing.PathTable;
import io.sink.testing.TableChanges;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.jdbc.JdbcCatalog;

/** A program of its own that appends to one table of a JDBC catalog, and prints each snapshot that was acknowledged. */
public final class Committer {
    /** Lets a compaction win now and then. */
    private static final int PAUSE_MILLIS = 200;

    private Committer() {}

    /** Catalog properties as a file, the table's name in its namespace, the first row's id, and how many commits. */
    public static void main(String[] args) throws IOException {
        Properties properties = new Properties();
        try (var in = Files.newInputStream(Path.of(args[0]))) {
            properties.load(in);
        }
        Map<String, String> all = new HashMap<>();
        properties.stringPropertyNames().forEach(key -> all.put(key, properties.getProperty(key)));
        all.put("io-impl", RoutedFileIO.class.getName());
        try (JdbcCatalog catalog = new JdbcCatalog()) {
            catalog.initialize("lake", all);
            Table table = catalog.loadTable(Lake.id(args[1]));
            long first = Long.parseLong(args[2]);
            for (long commit = 0; commit < Long.parseLong(args[3]); commit++) {
                DataFile file = new TableChanges(table)
                        .write(LakeTable.rows(first + commit), PathTable.SCHEMA, table.spec(), null);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS));
                System.out.println(append(table, file, first + commit));
            }
        }
    }

    /** A race that is lost for certain is run again. */
    private static String append(Table table, DataFile file, long id) {
        while (true) {
            try {
                var append = table.newFastAppend().appendFile(file).set("row", Long.toString(id));
                append.commit();
                return Long.toString(id);
            } catch (CommitFailedException lost) {
                table.refresh();
            }
        }
    }
}
