package bench;

import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;

/** A table to be compacted, made by a seed. */
public enum DataSet {
    /** Wide rows whose bytes are mostly text that no dictionary holds. */
    EVENTS("events", 200, 25_000),
    /** Narrow rows that dictionaries hold. */
    LINEITEM("lineitem", 200, 59_500),
    /** The events again, one row of a hundred deleted by position. */
    DELETED("deleted", 200, 25_000),
    /** Files of a few rows each. */
    TINY("tiny", 1_000, 500),
    /** Many of them. */
    TINY5000("tiny5000", 5_000, 500);

    /** Rows and files of a table that takes no time. */
    private static final int TOY_FILES = 8;

    private static final int TOY_ROWS = 400;

    private final String name;
    private final int files;
    private final int rowsPerFile;

    DataSet(String name, int files, int rowsPerFile) {
        this.name = name;
        this.files = files;
        this.rowsPerFile = rowsPerFile;
    }

    int files(boolean toy) {
        return toy ? TOY_FILES : files;
    }

    int rowsPerFile(boolean toy) {
        return toy ? TOY_ROWS : rowsPerFile;
    }

    Schema schema() {
        return this == LINEITEM ? LineItems.SCHEMA : Events.SCHEMA;
    }

    /** Rows of one file, from the first, in the table's own schema. */
    List<Record> rows(Schema schema, long seed, long first, int count) {
        return this == LINEITEM ? new LineItems(schema, seed, first, count) : new Events(schema, seed, first, count);
    }

    /** Every how many rows one is deleted; 0 for none. */
    int deletedEvery() {
        return this == DELETED ? 100 : 0;
    }

    /** A numeric column, and one to choose by, for a query that reads little. */
    String narrow(String from) {
        return this == LINEITEM
                ? "SELECT count(*), sum(linenumber) FROM " + from + " WHERE shipmode = 'RAIL'"
                : "SELECT count(*), sum(user_id) FROM " + from + " WHERE kind = 'kind-7'";
    }

    @Override
    public String toString() {
        return name;
    }
}
