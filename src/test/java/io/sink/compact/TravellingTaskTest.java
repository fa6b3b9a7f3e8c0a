package io.sink.compact;

import io.sink.testing.PathWarehouse;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class TravellingTaskTest extends TravellingTaskContract {
    @TempDir
    private Path directory;

    @Override
    PathWarehouse warehouse() {
        return PathWarehouse.local(directory);
    }
}
