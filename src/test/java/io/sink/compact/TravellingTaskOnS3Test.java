package io.sink.compact;

import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Path tables on S3, where a guard stands before every write. */
class TravellingTaskOnS3Test extends TravellingTaskContract {
    @TempDir
    private static Path folder;

    private static S3Server server;
    private static int warehouses;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = S3Server.start(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    PathWarehouse warehouse() {
        return PathWarehouse.onS3(server, "s3://lake/travel" + ++warehouses);
    }
}
