package io.sink.testing;

import io.sink.action.Decision;
import io.sink.action.Setting;
import io.sink.action.StopSignal;
import io.sink.action.Subject;
import io.sink.orphans.OrphanPolicy;
import io.sink.orphans.OrphansAction;
import io.sink.outcome.ActionResult;
import io.sink.storage.OtherTables;
import io.sink.table.ReadOnlyOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.apache.iceberg.TableOperations;

/** Sweeps a table's orphans as a run would; three days are old, and all of the bytes may go. */
public record Sweeping(
        String table, Duration olderThan, int maxBytesPercent, OtherTables others, StopSignal stop, Instant now) {
    private static final Duration DAYS = Duration.ofDays(3);

    public static Sweeping all() {
        return new Sweeping("made.t", DAYS, 100, OtherTables.NONE, StopSignal.NEVER, Instant.now());
    }

    public Sweeping withMaxPercent(int percent) {
        return new Sweeping(table, olderThan, percent, others, stop, now);
    }

    public Sweeping withOlderThan(Duration age) {
        return new Sweeping(table, age, maxBytesPercent, others, stop, now);
    }

    public Sweeping among(OtherTables tables) {
        return new Sweeping(table, olderThan, maxBytesPercent, tables, stop, now);
    }

    public Sweeping withStop(StopSignal signal) {
        return new Sweeping(table, olderThan, maxBytesPercent, others, signal, now);
    }

    public Sweeping at(Instant instant) {
        return new Sweeping(table, olderThan, maxBytesPercent, others, stop, instant);
    }

    public Sweeping of(String name) {
        return new Sweeping(name, olderThan, maxBytesPercent, others, stop, now);
    }

    public ActionResult execute(TableOperations ops) {
        Decision decision = decide(ops);
        return decision instanceof Decision.Stay stay
                ? stay.result()
                : ((Decision.Go) decision).plan().execute();
    }

    /** As a dry run, on a table that refuses every write. */
    public ActionResult preview(TableOperations ops) {
        Decision decision = decide(new ReadOnlyOperations(ops));
        return decision instanceof Decision.Stay stay
                ? stay.result()
                : ((Decision.Go) decision).plan().preview();
    }

    public Decision decide(TableOperations ops) {
        return new OrphansAction(others)
                .plan(
                        new Subject(table, ops, true, "01RUN" + now.toEpochMilli(), "host", now, stop),
                        new OrphanPolicy(new Setting<>(olderThan, "test"), new Setting<>(maxBytesPercent, "test")));
    }

    /** Makes a file that nobody has touched for four days. */
    public static Path plant(Path file) {
        try {
            Files.createDirectories(file.getParent());
            if (!Files.exists(file)) {
                Files.writeString(file, "planted at " + file);
            }
            return age(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes everything below a directory four days old. */
    public static Path age(Path root) {
        try (var paths = Files.walk(root)) {
            FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(4)));
            for (Path path : paths.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(path, old);
            }
            return root;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
