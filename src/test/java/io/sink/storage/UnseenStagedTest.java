package io.sink.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.catalog.TableSource;
import io.sink.table.DelegatingOperations;
import io.sink.testing.PathTable;
import io.sink.testing.PathWarehouse;
import io.sink.testing.S3Server;
import java.io.IOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.io.DelegateFileIO;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A staged file of which the store says 404 is deleted all the same, and forgotten when a listing agrees. */
class UnseenStagedTest {
    @TempDir
    Path folder;

    private S3Server server;
    private TableSource source;
    private PathTable table;
    private StagedFiles staging;
    private String staged;
    private boolean mayDelete = true;
    private boolean mayList = true;

    @BeforeEach
    void stage_a_file() throws IOException, InterruptedException {
        server = S3Server.start(folder);
        PathWarehouse warehouse = PathWarehouse.onS3(server, "s3://lake/w");
        Files.createDirectories(server.locate("s3://lake/w"));
        source = warehouse.open();
        table = PathTable.create(warehouse, source, "t", 2, Map.of());
        table.append(1);
        TableOperations blind = new Blind(table.load().operations());
        staged = blind.locationProvider().newDataLocation("left.parquet");
        Files.createDirectories(server.locate(staged).getParent());
        Files.writeString(server.locate(staged), "staged");
        staging = new StagedFiles(blind, "run", new Owner("another-host", 1, 1), Instant::now);
        staging.announce(staged);
    }

    @AfterEach
    void stop() {
        source.close();
        server.close();
    }

    @Test
    void it_is_deleted_and_forgotten_when_the_listing_agrees() throws IOException {
        DeleteResult result = staging.takeAway();

        assertThat(result.left()).isEmpty();
        assertThat(server.locate(staged)).doesNotExist();
        assertThat(entries()).isEmpty();
    }

    @Test
    void its_entry_stays_as_long_as_it_is_listed() throws IOException {
        mayDelete = false;

        DeleteResult result = staging.takeAway();

        assertThat(result.left()).containsOnlyKeys(staged);
        assertThat(result.left().get(staged)).contains("says that it is not there, and lists it");
        assertThat(entries()).hasSize(1);
    }

    @Test
    void its_entry_lives_as_long_as_its_lease_where_nobody_may_list() throws IOException {
        mayList = false;
        DeleteResult result = staging.takeAway();

        assertThat(server.locate(staged)).doesNotExist();
        assertThat(result.deleted()).isEmpty();
        assertThat(result.left()).isEmpty();
        assertThat(entries()).hasSize(1);

        mayList = true;
        TableOperations blind = new Blind(table.load().operations());
        List<AbandonedStaging> found = AbandonedStaging.find(
                        blind, Instant.now().plus(Duration.ofHours(25)), false, EarlierTables.none(blind))
                .stagings();
        mayList = false;
        found.forEach(late -> late.settle(blind));

        assertThat(found).hasSize(1);
        assertThat(entries()).isEmpty();
    }

    private List<Path> entries() throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(file -> String.valueOf(file.getFileName()).startsWith(StagedFiles.PREFIX))
                    .filter(Files::isRegularFile)
                    .toList();
        }
    }

    /** A store that has the staged file and says 404 for it. */
    private final class Blind extends DelegatingOperations {
        private final TableOperations ops;

        Blind(TableOperations ops) {
            super(ops, blind(ops.io()));
            this.ops = ops;
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            ops.commit(base, metadata);
        }
    }

    private FileIO blind(FileIO io) {
        return (FileIO) proxy(DelegateFileIO.class, (proxy, method, arguments) -> {
            boolean ofStaged = arguments != null
                    && arguments.length > 0
                    && String.valueOf(arguments[0]).equals(staged);
            if (method.getName().equals("listPrefix") && ofStaged && !mayList) {
                throw new ForbiddenException("s3:ListBucket");
            }
            if (method.getName().startsWith("delete") && !mayDelete) {
                return null;
            }
            Object answer = invoke(method, io, arguments);
            return method.getName().equals("newInputFile") && ofStaged
                    ? proxy(
                            InputFile.class,
                            (any, asked, with) ->
                                    asked.getName().equals("exists") ? Boolean.FALSE : invoke(asked, answer, with))
                    : answer;
        });
    }

    private static Object invoke(java.lang.reflect.Method method, Object on, Object[] arguments) throws Throwable {
        try {
            return method.invoke(on, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static Object proxy(Class<?> type, InvocationHandler handler) {
        return Proxy.newProxyInstance(UnseenStagedTest.class.getClassLoader(), new Class<?>[] {type}, handler);
    }
}
