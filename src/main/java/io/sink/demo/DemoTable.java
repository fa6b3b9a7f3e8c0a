package io.sink.demo;

import java.io.IOException;
import java.util.Random;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.DataWriter;
import org.apache.iceberg.io.OutputFileFactory;

/** Writes to one table of the demo, one small file per commit. */
final class DemoTable {
    private static final int ROWS = 200;
    private static final String[] PAGES = {"/", "/search", "/cart", "/help"};

    private final Table table;
    private final Random random;
    private final OutputFileFactory files;
    private long nextId = 1;

    DemoTable(Table table, long seed) {
        this.table = table;
        this.random = new Random(seed + table.name().hashCode());
        this.files = OutputFileFactory.builderFor(table, 1, 1).build();
    }

    /** Appends this many files, each by a commit of its own. */
    DemoTable append(int commits) throws IOException {
        for (int i = 0; i < commits; i++) {
            table.newFastAppend().appendFile(file()).commit();
        }
        return this;
    }

    /** Replaces everything by one file. */
    DemoTable replace() throws IOException {
        table.newOverwrite()
                .overwriteByRowFilter(Expressions.alwaysTrue())
                .addFile(file())
                .commit();
        return this;
    }

    DemoTable tag(String name) {
        table.manageSnapshots()
                .createTag(name, table.currentSnapshot().snapshotId())
                .commit();
        return this;
    }

    private DataFile file() throws IOException {
        DataWriter<Record> writer = new GenericFileWriterFactory.Builder(table)
                .dataSchema(table.schema())
                .build()
                .newDataWriter(files.newOutputFile(), table.spec(), null);
        try (writer) {
            for (int i = 0; i < ROWS; i++) {
                Record row = GenericRecord.create(table.schema());
                row.setField("id", nextId++);
                row.setField("user_name", "user-" + random.nextInt(5_000));
                row.setField("page", PAGES[random.nextInt(PAGES.length)]);
                row.setField("score", random.nextDouble());
                writer.write(row);
            }
        }
        return writer.toDataFile();
    }
}
