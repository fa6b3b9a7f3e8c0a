package io.sink.pages;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.MapKeyValueTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/**
 * Matches the leaf columns of an output to columns of a file, by field id and never by name.
 *
 * <p>Names, order and nullability may differ. If a value would have to be assembled anew, there is an obstacle.
 */
public final class SchemaMatch {
    /** A placeholder in a path where the output has one more node. */
    private static final Type SAME = Types.required(PrimitiveTypeName.BOOLEAN).named("same");

    private final MessageType file;
    private final List<@Nullable StoredLeaf> leaves = new ArrayList<>();
    private @Nullable String obstacle;

    private SchemaMatch(MessageType file) {
        this.file = file;
    }

    /** Matches the schema of a file, with field ids, to that of an output. */
    public static SchemaMatch of(MessageType file, MessageType output) {
        SchemaMatch match = new SchemaMatch(file);
        for (Type wanted : output.getFields()) {
            Type found = match.find(file, wanted);
            if (found == null) {
                match.absent(wanted);
            } else {
                match.pair(found, wanted, List.of(), List.of());
            }
        }
        return match;
    }

    /** Why the file's columns cannot become the output's; null if they can. */
    public @Nullable String obstacle() {
        return obstacle;
    }

    /** Where the file stores the output's leaf of this number; null if the file lacks its top-level column. */
    @Nullable
    StoredLeaf leaf(int number) {
        return leaves.get(number);
    }

    /** Whether the file has the output's leaf of this number. */
    public boolean has(int number) {
        return leaves.get(number) != null;
    }

    private void absent(Type wanted) {
        if (wanted.isPrimitive()) {
            leaves.add(null);
        } else {
            wanted.asGroupType().getFields().forEach(this::absent);
        }
    }

    private void obstacle(Type wanted, String what) {
        if (obstacle == null) {
            obstacle = "column " + wanted.getName() + " (field id " + wanted.getId() + ") " + what;
        }
    }

    private @Nullable Type find(GroupType group, Type wanted) {
        Type found = null;
        for (Type field : group.getFields()) {
            if (field.getId() != null && field.getId().equals(wanted.getId())) {
                if (found != null) {
                    obstacle(wanted, "is there twice");
                }
                found = field;
            }
        }
        return found;
    }

    private void pair(Type found, Type wanted, List<Type> foundAbove, List<Type> wantedAbove) {
        if (found.isRepetition(Repetition.REPEATED) != wanted.isRepetition(Repetition.REPEATED)) {
            obstacle(wanted, "is " + found.getRepetition().name().toLowerCase(Locale.ROOT) + " in the file");
        }
        if (found.isPrimitive() != wanted.isPrimitive()) {
            obstacle(wanted, "is of another shape in the file");
            absent(wanted);
            return;
        }
        List<Type> foundPath = plus(foundAbove, found);
        List<Type> wantedPath = plus(wantedAbove, wanted);
        if (wanted.isPrimitive()) {
            leaf(found, wanted, foundPath, wantedPath);
        } else {
            group(found.asGroupType(), wanted.asGroupType(), foundPath, wantedPath);
        }
    }

    private void leaf(Type found, Type wanted, List<Type> foundPath, List<Type> wantedPath) {
        Conversion conversion = Conversion.of(found.asPrimitiveType(), wanted.asPrimitiveType());
        if (conversion == null) {
            obstacle(wanted, "is stored as " + found + ", where the table has " + wanted);
            leaves.add(null);
            return;
        }
        String[] path = foundPath.stream()
                .filter(node -> node != SAME)
                .map(Type::getName)
                .toArray(String[]::new);
        leaves.add(new StoredLeaf(file.getColumnDescription(path), levels(foundPath, wantedPath), conversion));
    }

    private void group(GroupType found, GroupType wanted, List<Type> foundPath, List<Type> wantedPath) {
        LogicalTypeAnnotation kind = wanted.getLogicalTypeAnnotation();
        if (kind == null && found.getLogicalTypeAnnotation() == null) {
            fields(found, wanted, foundPath, wantedPath);
            return;
        }
        boolean list = LogicalTypeAnnotation.listType().equals(kind) && kind.equals(found.getLogicalTypeAnnotation());
        boolean map = LogicalTypeAnnotation.mapType().equals(kind)
                && (kind.equals(found.getLogicalTypeAnnotation())
                        || MapKeyValueTypeAnnotation.getInstance().equals(found.getLogicalTypeAnnotation()));
        if (list && isOfTwoLevels(found) && repeats(wanted, 1)) {
            Type element = found.getType(0);
            GroupType wantedEntry = wanted.getType(0).asGroupType();
            Type wantedElement = wantedEntry.getType(0);
            if (element.getId() == null || !element.getId().equals(wantedElement.getId())) {
                obstacle(wanted, "is a list whose elements have another field id in the file");
                absent(wanted);
                return;
            }
            element(
                    element,
                    wantedElement,
                    plus(foundPath, element),
                    plus(plus(wantedPath, wantedEntry), wantedElement));
            return;
        }
        int columns = list ? 1 : 2;
        if (!(list || map) || !repeats(found, columns) || !repeats(wanted, columns)) {
            obstacle(wanted, "is a list, a map or a variant in a layout of its own");
            absent(wanted);
            return;
        }
        GroupType foundEntry = found.getType(0).asGroupType();
        GroupType wantedEntry = wanted.getType(0).asGroupType();
        fields(foundEntry, wantedEntry, plus(foundPath, foundEntry), plus(wantedPath, wantedEntry));
    }

    /**
     * Whether the repeated node is the element itself and not a layer around it, by the rules in Parquet's
     * specification for lists of older writers.
     *
     * @param list a group with the list annotation
     */
    public static boolean isOfTwoLevels(GroupType list) {
        if (list.getFieldCount() != 1 || !list.getType(0).isRepetition(Repetition.REPEATED)) {
            return false;
        }
        Type repeated = list.getType(0);
        return repeated.isPrimitive()
                || repeated.asGroupType().getFieldCount() > 1
                || repeated.getName().equals("array")
                || repeated.getName().equals(list.getName() + "_tuple");
    }

    /** Matches the element of a list of two levels. It is itself repeated, so it has no level at which it is null. */
    private void element(Type found, Type wanted, List<Type> foundPath, List<Type> wantedPath) {
        List<Type> path = plus(foundPath, SAME);
        if (found.isPrimitive() != wanted.isPrimitive()) {
            obstacle(wanted, "is of another shape in the file");
            absent(wanted);
        } else if (wanted.isPrimitive()) {
            leaf(found, wanted, path, wantedPath);
        } else {
            group(found.asGroupType(), wanted.asGroupType(), path, wantedPath);
        }
    }

    private static boolean repeats(GroupType type, int columns) {
        return type.getFieldCount() == 1
                && !type.getType(0).isPrimitive()
                && type.getType(0).isRepetition(Repetition.REPEATED)
                && type.getType(0).asGroupType().getFieldCount() == columns;
    }

    private void fields(GroupType found, GroupType wanted, List<Type> foundPath, List<Type> wantedPath) {
        for (Type field : wanted.getFields()) {
            Type there = find(found, field);
            if (there == null) {
                obstacle(field, "is not in the file, though the column around it is");
                absent(field);
            } else {
                pair(there, field, foundPath, wantedPath);
            }
        }
    }

    /**
     * The output's definition level for each of the file's: the level of the nodes before the first missing one. If the
     * table requires that node, there is no such level. Null if all levels are the same.
     */
    private static int @Nullable [] levels(List<Type> found, List<Type> wanted) {
        List<Integer> levels = new ArrayList<>();
        int level = 0;
        for (int i = 0; i < found.size(); i++) {
            if (!found.get(i).isRepetition(Repetition.REQUIRED)) {
                levels.add(wanted.get(i).isRepetition(Repetition.REQUIRED) ? StoredLeaf.FORBIDDEN : level);
            }
            if (!wanted.get(i).isRepetition(Repetition.REQUIRED)) {
                level++;
            }
        }
        levels.add(level);
        int[] array = levels.stream().mapToInt(Integer::intValue).toArray();
        for (int i = 0; i < array.length; i++) {
            if (array[i] != i) {
                return array;
            }
        }
        return null;
    }

    private static List<Type> plus(List<Type> above, Type node) {
        List<Type> path = new ArrayList<>(above);
        path.add(node);
        return path;
    }
}
