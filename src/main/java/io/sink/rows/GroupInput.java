package io.sink.rows;

import java.io.Serializable;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;

/**
 * One data file to be rewritten, and every delete file that can drop rows of it.
 *
 * @param data the data file as its manifest names it, without column statistics
 * @param deletes at most one deletion vector or any number of position-delete files, and equality-delete files
 */
public record GroupInput(DataFile data, List<DeleteFile> deletes) implements Serializable {
    public GroupInput {
        deletes = List.copyOf(deletes);
    }
}
