package io.sink.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sink.catalog.Gate.ClosedException;
import io.sink.catalog.Gate.Sent;
import io.sink.storage.ConfinedDeletion;
import io.sink.storage.UnansweredWrites;
import io.sink.storage.UnfinishedUploads;
import io.sink.table.DelegatingOperations;
import io.sink.testing.PathTable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.inmemory.InMemoryOutputFile;
import org.apache.iceberg.io.DelegateFileIO;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SupportsBulkOperations;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** @see Gate */
class GateTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration SETTLING = Duration.ofSeconds(6);

    @TempDir
    Path directory;

    private long now;
    private final Gate gate = new Gate(() -> now);

    @Test
    void an_abandoned_thread_that_wakes_late_creates_deletes_and_commits_nothing() throws IOException {
        FileIO files = routed();
        String kept = write(files, "kept");
        FileIO gated = GatedFiles.of(files, gate);
        OutputFile announced = gated.newOutputFile(place("late"));
        PositionOutputStream half = gated.newOutputFile(place("half")).create();
        half.write("half".getBytes(StandardCharsets.UTF_8));

        assertThat(gate.close(MINUTE, SETTLING)).isEqualTo(Sent.NOTHING);

        assertThatThrownBy(announced::create).isInstanceOf(ClosedException.class);
        assertThatThrownBy(announced::createOrOverwrite).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> gated.newOutputFile(place("later"))).isInstanceOf(ClosedException.class);
        assertThatThrownBy(half::close).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> gated.deleteFile(kept)).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> ((SupportsBulkOperations) gated).deleteFiles(List.of(kept)))
                .isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> ((ConfinedDeletion) gated).deleteFileWithin(directory, kept))
                .isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> gated.newInputFile(kept)).isInstanceOf(ClosedException.class);
        assertThatThrownBy(() -> gate.commit(() -> {
                    throw new AssertionError("it was sent");
                }))
                .isInstanceOf(ClosedException.class);
        assertThatThrownBy(gate::nextAction).isInstanceOf(ClosedException.class);
        assertThat(directory.resolve("kept")).exists();
        assertThat(directory.resolve("late")).doesNotExist();
    }

    @Test
    void can_do_what_the_storage_behind_it_can_and_travels_as_it_does() throws Exception {
        FileIO gated = GatedFiles.of(routed(), gate);

        assertThat(gated)
                .isInstanceOf(DelegateFileIO.class)
                .isInstanceOf(ConfinedDeletion.class)
                .isInstanceOf(UnfinishedUploads.class);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(gated);
        }
        gate.close(MINUTE, SETTLING);
        FileIO there;
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            there = (FileIO) in.readObject();
        }
        write(there, "there");

        assertThat(directory.resolve("there")).exists();
    }

    @Test
    void passes_everything_on_while_it_is_open() throws IOException {
        FileIO gated = GatedFiles.of(routed(), gate);

        String written = write(gated, "written");
        gated.deleteFile(written);

        assertThat(directory.resolve("written")).doesNotExist();
        assertThat(gate.isClosed()).isFalse();
    }

    @Test
    void stays_open_for_a_commit_that_was_sent_and_for_what_follows_it() {
        gate.commit(() -> {
            now += MINUTE.toNanos() - 1;
            assertThat(gate.close(MINUTE, SETTLING)).isNull();
        });
        now += SETTLING.toNanos() - 1;
        assertThat(gate.close(MINUTE, SETTLING)).isNull();
        now += 1;

        assertThat(gate.close(MINUTE, SETTLING)).isEqualTo(Sent.ACKNOWLEDGED);
    }

    @Test
    void closes_on_a_commit_that_is_not_answered_in_time() {
        gate.commit(() -> {
            now += MINUTE.toNanos();
            assertThat(gate.close(MINUTE, SETTLING)).isEqualTo(Sent.UNANSWERED);
        });

        assertThatThrownBy(gate::check).isInstanceOf(ClosedException.class);
    }

    @Test
    void a_refusal_says_what_became_of_the_commit_once_the_table_was_read_again() {
        TableOperations refusing = new Refusing(table());
        TableOperations gated = gate.before(refusing);
        TableMetadata base = gated.current();

        assertThatThrownBy(() -> gated.commit(base, base)).isInstanceOf(CommitFailedException.class);
        assertThat(gate.close(MINUTE, SETTLING)).isNull();
        gated.refresh();

        assertThat(gate.close(MINUTE, SETTLING)).isEqualTo(Sent.NOTHING);
    }

    @Test
    void what_an_earlier_action_committed_is_none_of_the_next_ones() {
        gate.commit(() -> now++);
        gate.nextAction();

        assertThat(gate.close(MINUTE, SETTLING)).isEqualTo(Sent.NOTHING);
    }

    private static final class Refusing extends DelegatingOperations {
        Refusing(TableOperations ops) {
            super(ops, ops.io());
        }

        @Override
        public void commit(TableMetadata base, TableMetadata metadata) {
            throw new CommitFailedException("another writer won");
        }
    }

    private TableOperations table() {
        return PathTable.create(directory, "t", 2, Map.of()).load().operations();
    }

    @Test
    void a_file_whose_end_was_not_answered_is_remembered_however_often_it_is_closed() throws IOException {
        FileIO gated = GatedFiles.of(new Unanswering(new IOException("no answer")), gate);
        PositionOutputStream lost = gated.newOutputFile("lost").create();
        assertThat(UnansweredWrites.of(gated, "lost")).isFalse();

        assertThatThrownBy(lost::close).hasMessage("no answer");
        lost.close();

        assertThat(UnansweredWrites.of(gated, "lost")).isTrue();
        assertThat(UnansweredWrites.of(gated, "another")).isFalse();
    }

    @Test
    void a_file_whose_end_was_refused_will_not_come() throws IOException {
        FileIO gated = GatedFiles.of(new Unanswering(new IOException(new ForbiddenException("403"))), gate);
        PositionOutputStream refused = gated.newOutputFile("refused").create();

        assertThatThrownBy(refused::close).isInstanceOf(IOException.class);

        assertThat(UnansweredWrites.of(gated, "refused")).isFalse();
    }

    /** Storage that does not answer the end of a file, and says nothing to a second one, as that of S3. */
    private static final class Unanswering extends InMemoryFileIO {
        private final IOException failure;

        Unanswering(IOException failure) {
            this.failure = failure;
        }

        @Override
        public OutputFile newOutputFile(String location) {
            return new InMemoryOutputFile(location) {
                @Override
                public PositionOutputStream create() {
                    return new PositionOutputStream() {
                        private boolean closed;

                        @Override
                        public long getPos() {
                            return 0;
                        }

                        @Override
                        public void write(int b) {}

                        @Override
                        public void close() throws IOException {
                            if (!closed) {
                                closed = true;
                                throw failure;
                            }
                        }
                    };
                }
            };
        }
    }

    private static FileIO routed() {
        RoutedFileIO files = new RoutedFileIO();
        files.initialize(Map.of());
        return files;
    }

    private String place(String name) {
        return directory.resolve(name).toString();
    }

    private String write(FileIO files, String name) throws IOException {
        try (PositionOutputStream out = files.newOutputFile(place(name)).create()) {
            out.write(name.getBytes(StandardCharsets.UTF_8));
        }
        assertThat(Files.size(directory.resolve(name))).isPositive();
        return place(name);
    }

    @Test
    void a_commit_that_failed_without_a_no_stays_unknown_however_often_the_table_is_read() {
        assertThatThrownBy(() -> gate.commit(() -> {
                    throw new IllegalStateException("connection reset");
                }))
                .isInstanceOf(IllegalStateException.class);
        gate.refreshed();
        now += Duration.ofMinutes(2).toNanos();

        assertThat(gate.close(Duration.ofMinutes(1), Duration.ofMinutes(1))).isEqualTo(Sent.UNANSWERED);
    }
}
