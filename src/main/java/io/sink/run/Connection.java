package io.sink.run;

import io.sink.catalog.TableRef;
import io.sink.catalog.TableSource;
import io.sink.storage.StorageProbe;
import io.sink.table.Failures;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.apache.iceberg.BaseTable;
import org.jspecify.annotations.Nullable;

/**
 * What came of trying a configured catalog, and the storage of one of its tables.
 *
 * @param reached whether the catalog was opened and listed
 * @param findings in the order in which they were tried
 */
public record Connection(String catalog, boolean reached, List<Finding> findings) {

    public Connection {
        findings = List.copyOf(findings);
    }

    /**
     * One thing that was tried.
     *
     * @param what such as {@code list} or {@code conditional put}
     * @param about the table or the location
     * @param problem null if it went well
     */
    public record Finding(
            String what, String about, @Nullable String problem) {}

    /** Whether everything went well. */
    public boolean isSound() {
        return findings.stream().allMatch(finding -> finding.problem() == null);
    }

    /**
     * Opens a catalog, lists it up to its first table that is wanted, and tries that one's storage.
     *
     * <p>Writes objects named {@code sink-probe-…} and deletes them again.
     */
    public static Connection tryOut(CatalogOpening opening, Predicate<TableRef> wanted) {
        List<Finding> findings = new ArrayList<>();
        TableSource opened;
        try {
            opened = opening.open().get();
            findings.add(new Finding("open", opening.name(), null));
        } catch (RuntimeException | LinkageError e) {
            findings.add(new Finding("open", opening.name(), Failures.message(e)));
            return new Connection(opening.name(), false, findings);
        }
        try (TableSource source = opened) {
            TableRef first;
            try {
                first = first(source, wanted);
            } catch (RuntimeException e) {
                findings.add(new Finding("list tables", opening.name(), Failures.message(e)));
                return new Connection(opening.name(), false, findings);
            }
            findings.add(new Finding("list tables", first == null ? "none found" : first.fullName(), null));
            if (first != null) {
                tryTable(source, first, findings);
            }
            return new Connection(opening.name(), true, findings);
        }
    }

    /** The result for a catalog that took too long. Objects that it wrote, {@code sink-probe-…}, may be left. */
    public static Connection late(String catalog, String why) {
        return new Connection(catalog, false, List.of(new Finding("open and list", catalog, why)));
    }

    private static @Nullable TableRef first(TableSource source, Predicate<TableRef> wanted) {
        for (Iterator<TableRef> tables = source.list(); tables.hasNext(); ) {
            TableRef table = tables.next();
            if (wanted.test(table)) {
                return table;
            }
        }
        return null;
    }

    private static void tryTable(TableSource source, TableRef ref, List<Finding> findings) {
        BaseTable table;
        try {
            table = source.load(ref);
            findings.add(new Finding("load", ref.fullName(), null));
        } catch (RuntimeException | LinkageError e) {
            findings.add(new Finding("load", ref.fullName(), Failures.message(e)));
            return;
        }
        String conditional;
        try {
            conditional = source.commitProblem(ref);
        } catch (RuntimeException e) {
            conditional = Failures.message(e);
        }
        findings.add(new Finding("commit", ref.fullName(), conditional));
        for (StorageProbe.Tried tried : StorageProbe.of(table.operations())) {
            findings.add(new Finding(tried.what(), tried.where(), tried.problem()));
        }
    }
}
