package io.sink.run;

import io.sink.catalog.TableRef;
import io.sink.outcome.ActionResult;
import io.sink.outcome.Reason;
import io.sink.storage.OtherTables.KnownTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Finds tables that have several catalog entries: an entry at an older metadata file needs what another one expires.
 *
 * @ref LLP 0019#duplicates
 */
final class Duplicates {
    private static final int LOOKS = 2;

    private final Map<String, TableRef> refs = new HashMap<>();
    private final Map<String, ActionResult> conflicts = new HashMap<>();
    private final Map<String, ActionResult> seenTwice = new HashMap<>();

    /**
     * @param tables those that the run loaded, in the order in which they have their turns
     * @param again reads an entry as it is now, since another run may be committing between two looks
     */
    Duplicates(Map<TableRef, KnownTable> tables, UnaryOperator<KnownTable> again) {
        Map<String, List<KnownTable>> byUuid = new LinkedHashMap<>();
        tables.forEach((ref, table) -> {
            refs.put(table.name(), ref);
            if (table.uuid() != null) {
                byUuid.computeIfAbsent(table.uuid(), any -> new ArrayList<>()).add(table);
            }
        });
        byUuid.values().stream().filter(same -> same.size() > 1).forEach(same -> sort(same, again));
    }

    /**
     * Why this entry is left alone, or null if it is maintained.
     *
     * @param known whether the operator has said that its duplicates are known
     */
    @Nullable
    ActionResult skip(String name, boolean known) {
        ActionResult conflict = known ? null : conflicts.get(name);
        return conflict == null ? seenTwice.get(name) : conflict;
    }

    private void sort(List<KnownTable> same, UnaryOperator<KnownTable> again) {
        for (int at = 0; at < same.size(); at++) {
            KnownTable table = same.get(at);
            for (int with = 0; with < same.size(); with++) {
                KnownTable other = same.get(with);
                if (with == at || table.isApartFrom(other)) {
                    continue;
                }
                if (!isOne(table, other, again)) {
                    conflicts.put(table.name(), conflict(table, other));
                    break;
                }
                if (with < at) {
                    seenTwice.putIfAbsent(
                            table.name(),
                            ActionResult.of(
                                    Reason.DUPLICATE_ENTRY,
                                    "the same entry as " + other.name()
                                            + ", at the same metadata file; it is maintained there"));
                }
            }
        }
    }

    /**
     * Whether both are one entry, as of one catalog behind two endpoints: the same name in two catalogs, and the same
     * metadata file.
     */
    private boolean isOne(KnownTable one, KnownTable other, UnaryOperator<KnownTable> again) {
        TableRef here = ref(one);
        TableRef there = ref(other);
        if (here.catalog().equals(there.catalog())
                || !here.namespace().equals(there.namespace())
                || !here.name().equals(there.name())) {
            return false;
        }
        KnownTable first = one;
        KnownTable second = other;
        for (int look = 0; look < LOOKS; look++) {
            if (Objects.equals(first.metadataLocation(), second.metadataLocation())) {
                return true;
            }
            first = again.apply(one);
            second = again.apply(other);
        }
        return Objects.equals(first.metadataLocation(), second.metadataLocation());
    }

    private TableRef ref(KnownTable table) {
        return Objects.requireNonNull(refs.get(table.name()), table.name());
    }

    private static ActionResult conflict(KnownTable table, KnownTable other) {
        return ActionResult.of(
                Reason.DUPLICATE_ENTRY,
                ("the same table (UUID %s) is also %s, at metadata file %s where this entry is at %s: once one"
                                + " of them has"
                                + " changed, the other needs what is gone. Drop the stale entry from its"
                                + " catalog, without its files; or write known-duplicate:"
                                + " true in the rule of the entry that is to be maintained")
                        .formatted(table.uuid(), other.name(), other.metadataLocation(), table.metadataLocation()));
    }
}
