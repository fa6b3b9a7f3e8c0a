package io.sink.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.testing.Faults;
import io.sink.testing.FaultyFileIO;
import io.sink.testing.PathTable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LiveFilesTest {
    @TempDir
    Path warehouse;

    @Test
    void needs_every_file_as_long_as_a_reading_failed() {
        PathTable table = PathTable.create(warehouse, "t", 2, Map.of());
        TableFile first = new TableFile(table.append(1, 2).location(), FileKind.DATA);
        TableFile second = new TableFile(table.append(3).location(), FileKind.DATA);
        TableFile nobodys = new TableFile(table.location() + "/data/nobodys.parquet", FileKind.DATA);
        TableOperations ops = table.load().operations();
        TableMetadata metadata = ops.current();
        Faults count = Faults.none();
        new LiveFiles(new FaultyFileIO(ops.io(), count)).unneeded(metadata, List.of(first, second, nobodys));

        for (int k = 1; k <= count.calls(); k++) {
            Faults once = new Faults(k, false, Faults.When.BEFORE, message -> new RuntimeIOException("%s", message));
            LiveFiles live = new LiveFiles(new FaultyFileIO(ops.io(), once));
            assertThatThrownBy(() -> live.unneeded(metadata, List.of(first, second, nobodys)))
                    .as("call %d", k)
                    .isInstanceOf(RuntimeIOException.class);

            assertThat(live.unneeded(metadata, List.of(first, second, nobodys)))
                    .as("asked again after call %d failed", k)
                    .containsExactly(nobodys);
        }
        assertThat(count.calls()).isGreaterThan(3);
    }
}
