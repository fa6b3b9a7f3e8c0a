package io.sink.catalog;

import io.sink.testing.OpenCatalogs;
import io.sink.testing.S3Server;
import io.sink.testing.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** As {@link PathTablesContractTest}, on S3. */
class S3TablesContractTest extends TableSourceContract {

    @TempDir
    static Path server;

    private static S3Server s3;
    private static int warehouses;
    private String warehouse;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        s3 = S3Server.start(server);
    }

    @AfterAll
    static void stop() {
        s3.close();
    }

    /** One begins as the other does, and none may see what is another's. */
    @BeforeEach
    void make_an_empty_warehouse() throws IOException {
        warehouse = "s3://" + S3Server.BUCKET + "/w" + ++warehouses;
        // Without any key it would not be there.
        Path other = Files.createDirectories(s3.locate(warehouse + "/other"));
        Files.writeString(other.resolve("readme.txt"), "no table");
    }

    @Override
    void makeTable(List<String> namespace, String name) {
        String location = warehouse + "/" + String.join("/", namespace) + "/" + name;
        Samples.writeTable(s3.locate(location), location, Map.of());
    }

    @Override
    void dropNamespace(String namespace, String table) {
        Trees.delete(s3.locate(warehouse + "/" + namespace));
    }

    @Override
    TableSource open() {
        Map<String, String> properties = s3.properties();
        properties.put("warehouse", warehouse);
        return OpenCatalogs.open(CATALOG, "path", properties, directory);
    }
}
