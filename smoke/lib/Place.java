package lib;

import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where a flow puts a warehouse of tables without a catalog. */
public enum Place {
    LOCAL_DISK,
    S3;

    /**
     * A warehouse, and the server behind it where there is one.
     *
     * @param server ends with this
     */
    public record Open(PathWarehouse warehouse, AutoCloseable server) implements AutoCloseable {
        @Override
        public void close() throws Exception {
            server.close();
        }
    }

    /** Makes an empty warehouse below a directory of the test's own. */
    public Open open(Path directory) throws IOException, InterruptedException {
        if (this == LOCAL_DISK) {
            return new Open(PathWarehouse.local(Files.createDirectory(directory.resolve("paths"))), () -> {});
        }
        S3Server server = S3Server.start(Files.createDirectory(directory.resolve("s3")));
        return new Open(PathWarehouse.onS3(server, "s3://" + S3Server.BUCKET + "/exports"), server);
    }
}
