package io.sink.settle;

import static org.assertj.core.api.Assertions.assertThat;

import io.sink.outcome.ActionResult;
import io.sink.outcome.Counter;
import io.sink.outcome.Reason;
import io.sink.storage.Owner;
import io.sink.storage.StagedFiles;
import io.sink.storage.UnfinishedUploads;
import io.sink.table.DelegatingOperations;
import io.sink.testing.Compacting;
import io.sink.testing.Expiry;
import io.sink.testing.NeedingTable;
import io.sink.testing.PathTable;
import io.sink.testing.SavedTree;
import io.sink.testing.UnreadTables;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.io.DelegateFileIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a dead run left uploaded in parts, on storage that lets it be aborted, or does not. */
class SettleActionTest {
    private static final Instant LATER = Instant.now().plus(Duration.ofHours(25));

    @TempDir
    Path warehouse;

    private PathTable table;
    private String staged;
    private Set<Path> live;

    @BeforeEach
    void leave_a_staging() throws IOException {
        table = PathTable.create(warehouse, "t", 2, Map.of());
        table.append(1);
        live = SavedTree.files(table.location());
        TableOperations ops = table.load().operations();
        staged = ops.locationProvider().newDataLocation("left.parquet");
        new StagedFiles(ops, "dead", new Owner("another-host", 1, 1), InstantSource.system()).announce(staged);
        Files.writeString(Path.of(staged), "staged");
    }

    @Test
    void uploads_are_aborted_by_the_names_in_the_journal_before_it_goes() {
        List<String> asked = new ArrayList<>();

        ActionResult result = settle(locations -> {
            asked.addAll(locations);
            return 2;
        });

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.SETTLED);
        assertThat(result.detail()).contains("unfinished uploads aborted: 2");
        assertThat(asked).containsExactly(staged);
        assertThat(SavedTree.files(table.location())).isEqualTo(live);
    }

    @Test
    void an_entry_that_names_a_live_file_of_another_table_deletes_nothing() throws IOException {
        Path shared = warehouse.resolve("shared");
        Map<String, String> there = Map.of("write.data.path", shared.toString());
        PathTable poisoned = PathTable.create(warehouse, "poisoned", 2, there);
        poisoned.append(1);
        PathTable beside = PathTable.create(warehouse, "beside", 2, there);
        PathTable inside = PathTable.create(poisoned.location(), "inside", 2, Map.of());
        for (PathTable other : List.of(beside, inside)) {
            String needed = other.append(2).location();
            TableOperations ops = poisoned.load().operations();
            new StagedFiles(ops, "dead", new Owner("another-host", 1, 1), InstantSource.system()).announce(needed);
            SettleAction action = new SettleAction(NeedingTable.of(other.load(), needed));

            ActionResult planned = Compacting.with(action).at(LATER).preview(ops);
            ActionResult result = Compacting.with(action).at(LATER).execute(ops);

            assertThat(Path.of(needed)).as("%s", result).exists();
            assertThat(result.reason()).isEqualTo(Reason.SETTLED);
            assertThat(result.detail()).contains(needed + ", which run dead-", " is said to have staged, stays: ");
            assertThat(planned.files().deleted()).isEmpty();
            assertThat(Compacting.with(action).at(LATER).execute(ops).reason()).isEqualTo(Reason.NOTHING_TO_SETTLE);
        }
    }

    @Test
    void an_entry_stays_while_nobody_knows_who_needs_its_file() throws IOException {
        PathTable apart = PathTable.create(
                warehouse,
                "apart",
                2,
                Map.of("write.data.path", warehouse.resolve("elsewhere").toString()));
        String file = apart.append(2).location();
        apart.replace(3);
        Expiry.keeping(1).execute(apart.load().operations());
        Files.writeString(Path.of(file), "staged");
        TableOperations ops = apart.load().operations();
        new StagedFiles(ops, "dead", new Owner("another-host", 1, 1), InstantSource.system()).announce(file);

        ActionResult unknown = Compacting.with(new SettleAction(UnreadTables.catalog("dark")))
                .at(LATER)
                .execute(ops);
        ActionResult known = Compacting.settling().at(LATER).execute(ops);

        assertThat(unknown.reason()).as("%s", unknown).isEqualTo(Reason.CLEANUP_INCOMPLETE);
        assertThat(unknown.files().left()).singleElement().asString().contains(file, "catalog dark");
        assertThat(known.reason()).as("%s", known).isEqualTo(Reason.SETTLED);
        assertThat(Path.of(file)).doesNotExist();
    }

    @Test
    void what_could_not_be_deleted_is_not_promised() {
        TableOperations ops = table.load().operations();
        Object io = Proxy.newProxyInstance(
                SettleActionTest.class.getClassLoader(),
                new Class<?>[] {DelegateFileIO.class},
                (proxy, method, arguments) -> method.getName().equals("properties")
                        ? Map.of("s3.delete-enabled", "false")
                        : method.invoke(ops.io(), arguments));
        TableOperations undeletable = new DelegatingOperations(ops, (DelegateFileIO) io) {
            @Override
            public void commit(TableMetadata base, TableMetadata metadata) {
                throw new AssertionError("nothing is to be committed");
            }
        };

        ActionResult result = Compacting.settling().at(LATER).preview(undeletable);

        assertThat(result.reason()).as(result.toString()).isNotEqualTo(Reason.WOULD_SETTLE);
        assertThat(result.detail()).contains("s3.delete-enabled");
    }

    @Test
    void a_store_that_fails_keeps_the_journal_for_a_later_run_and_is_no_success() {
        ActionResult result = settle(locations -> {
            throw new RuntimeIOException("503");
        });

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.CLEANUP_INCOMPLETE);
        assertThat(result.effect().get(Counter.STAGED_FILES_DELETED)).isZero();
        assertThat(result.effect().get(Counter.FILES_LEFT)).isEqualTo(1);
        assertThat(result.files().left()).hasSize(1).allMatch(file -> file.startsWith(staged));
        assertThat(Path.of(staged)).exists();

        ActionResult again = settle(locations -> 1);

        assertThat(again.reason()).as(again.toString()).isEqualTo(Reason.SETTLED);
        assertThat(SavedTree.files(table.location())).isEqualTo(live);
    }

    @Test
    void who_may_not_look_for_uploads_settles_the_rest_and_says_so() {
        ActionResult result = settle(locations -> {
            throw new ForbiddenException("no s3:ListBucketMultipartUploads");
        });

        assertThat(result.reason()).as(result.toString()).isEqualTo(Reason.SETTLED);
        assertThat(result.detail()).contains("could not be looked for", "s3:ListBucketMultipartUploads");
        assertThat(SavedTree.files(table.location())).isEqualTo(live);
    }

    private interface Uploads {
        int abort(Collection<String> locations);
    }

    @SuppressWarnings("unchecked")
    private ActionResult settle(Uploads uploads) {
        TableOperations ops = table.load().operations();
        Object io = Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {DelegateFileIO.class, UnfinishedUploads.class},
                (proxy, method, arguments) -> method.getName().equals("abortUploads")
                        ? uploads.abort((Collection<String>) arguments[0])
                        : through(() -> method.invoke(ops.io(), arguments)));
        Object storing = Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {TableOperations.class},
                (proxy, method, arguments) ->
                        method.getName().equals("io") ? io : through(() -> method.invoke(ops, arguments)));
        return Compacting.settling().at(LATER).execute((TableOperations) storing);
    }

    private interface Call {
        Object make() throws ReflectiveOperationException;
    }

    private static Object through(Call call) throws Throwable {
        try {
            return call.make();
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
