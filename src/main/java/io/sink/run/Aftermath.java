package io.sink.run;

import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.table.Failures;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.iceberg.TableMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds out, after an action failed, what became of its table meanwhile: the failure is often only a consequence of
 * that.
 *
 * @ref LLP 0004#meanwhile
 */
final class Aftermath {
    private static final Logger LOG = LoggerFactory.getLogger(Aftermath.class);

    /** Reasons that a change of the table by others can have caused, in actions that committed nothing. */
    private static final Set<Reason> DOUBTED = EnumSet.of(
            Reason.INTERNAL_ERROR,
            Reason.EXPIRE_ERROR,
            Reason.REWRITE_ERROR,
            Reason.METADATA_UNREADABLE,
            Reason.MISSING_FILE,
            Reason.STORAGE_ERROR);

    /** What Java says of a text that is not a number. */
    private static final Pattern NO_NUMBER = Pattern.compile("For input string: \"([^\"]*)\"");

    private final TableSource source;
    private final TableRef ref;
    private final TableMetadata before;

    /** @param before the table as it was when its turn began */
    Aftermath(TableSource source, TableRef ref, TableMetadata before) {
        this.source = source;
        this.ref = ref;
        this.before = before;
    }

    /**
     * The result with its true reason.
     *
     * @param again does the action once more, over the table as it is now
     */
    ActionResult explained(ActionResult result, Supplier<ActionResult> again) {
        if (result.reason() == Reason.NO_TABLE) {
            return denied(result);
        }
        if (!DOUBTED.contains(result.reason()) || result.committedSnapshotId() != null) {
            return result;
        }
        ActionResult named = named(result);
        if (named != null) {
            return named;
        }
        TableMetadata now;
        try {
            now = source.load(ref).operations().current();
        } catch (RuntimeException | LinkageError e) {
            LOG.debug("{}: cannot be loaded again", ref, e);
            return Failures.isGone(e)
                    ? with(result, Reason.NO_TABLE, "the table was dropped or renamed while it was maintained")
                    : result;
        }
        if (!Objects.equals(now.uuid(), before.uuid())) {
            return with(
                    result,
                    Reason.NO_TABLE,
                    "the table was dropped and created anew while it was maintained: UUID %s is now %s"
                            .formatted(before.uuid(), now.uuid()));
        }
        boolean changed = !Objects.equals(now.metadataFileLocation(), before.metadataFileLocation());
        if (result.reason() == Reason.MISSING_FILE && changed) {
            // Another maintainer may have expired what was read. A file that is missing twice is missing.
            LOG.info("{}: the table has changed since it was loaded, and is looked at again: {}", ref, result.detail());
            return again.get();
        }
        return result;
    }

    /**
     * For a table that a catalog called gone in answer to a commit, but still serves: some catalogs give this answer to
     * callers who may not write the table.
     */
    private ActionResult denied(ActionResult result) {
        try {
            TableMetadata now = source.load(ref).operations().current();
            return Objects.equals(now.uuid(), before.uuid())
                    ? with(
                            result,
                            Reason.PERMISSION_DENIED,
                            "the catalog serves the table, but answered a commit that there is no such table, as some"
                                    + " do to those who may not write it")
                    : result;
        } catch (RuntimeException | LinkageError e) {
            LOG.debug("{}: cannot be loaded again", ref, e);
            return result;
        }
    }

    /** Iceberg reads a property when it needs it, and its exception names only the value. */
    private @Nullable ActionResult named(ActionResult result) {
        Matcher value = NO_NUMBER.matcher(result.detail());
        if (!value.find()) {
            return null;
        }
        return before.properties().entrySet().stream()
                .filter(property -> property.getValue().equals(value.group(1)))
                .map(Map.Entry::getKey)
                .sorted()
                .findFirst()
                .map(key -> with(
                        result,
                        Reason.INVALID_PROPERTY,
                        "table property %s=%s is not a number; set it to one, or unset it"
                                .formatted(key, value.group(1))))
                .orElse(null);
    }

    private static ActionResult with(ActionResult result, Reason reason, String why) {
        return new ActionResult(
                        reason,
                        why + "; " + result.detail(),
                        result.effect(),
                        result.files(),
                        result.committedSnapshotId(),
                        result.findings())
                .orIncomplete();
    }
}
