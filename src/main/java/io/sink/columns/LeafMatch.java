package io.sink.columns;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Type.Repetition;
import org.apache.parquet.schema.Types;
import org.jspecify.annotations.Nullable;

/**
 * Where a file has a leaf column of an output: fields by their ids, the layers of lists and maps by their places.
 *
 * @param path the path of the column in the file
 * @param levels the output's definition level for each of the file's, -1 if it has none; null if they are the same
 */
public record LeafMatch(String[] path, int @Nullable [] levels) {
    /** In place of a layer that lists of two levels do not have. */
    private static final Type NONE = Types.required(PrimitiveTypeName.BOOLEAN).named("none");

    /**
     * Finds a leaf; empty if the file does not have the top-level column that it belongs to.
     *
     * @param file the file's schema, with field ids
     * @param leaf the leaf's path in the output
     * @throws DifferentEntriesException if the file has the column, and not the leaf
     */
    public static Optional<LeafMatch> of(MessageType file, MessageType output, String[] leaf) {
        List<Type> wanted = new ArrayList<>();
        List<Type> found = new ArrayList<>();
        List<String> path = new ArrayList<>();
        GroupType there = file;
        GroupType here = output;
        for (int depth = 0; depth < leaf.length; depth++) {
            Type node = here.getType(leaf[depth]);
            Type twin = twin(there, node);
            if (twin == null && depth == 0) {
                return Optional.empty();
            }
            if (twin == null) {
                throw new DifferentEntriesException(
                        "column " + String.join(".", leaf) + " is not in a file that has column " + leaf[0]);
            }
            wanted.add(node);
            found.add(twin);
            path.add(twin.getName());
            // The repeated field is the element itself, with its id.
            boolean twoLevels = node.getId() == null
                    && twin.getId() != null
                    && depth + 1 < leaf.length
                    && twin.getId()
                            .equals(node.asGroupType().getType(leaf[depth + 1]).getId());
            if (twoLevels) {
                here = node.asGroupType();
                node = here.getType(leaf[++depth]);
                wanted.add(node);
                found.add(NONE);
            }
            if (depth + 1 < leaf.length) {
                here = node.asGroupType();
                there = twin.asGroupType();
            }
        }
        return Optional.of(new LeafMatch(path.toArray(String[]::new), levels(wanted, found)));
    }

    /**
     * Whether the entries of a leaf can be found in a file column by column: it has the leaf, with a type that is as
     * wide or narrower, or it does not have the top-level column.
     */
    public static boolean has(MessageType file, MessageType output, String[] leaf) {
        try {
            Optional<LeafMatch> match = of(file, output, leaf);
            if (match.isPresent()) {
                Widening.of(
                        file.getColumnDescription(match.get().path()).getPrimitiveType(),
                        output.getColumnDescription(leaf).getPrimitiveType());
            }
            return true;
        } catch (DifferentEntriesException e) {
            return false;
        }
    }

    private static @Nullable Type twin(GroupType there, Type node) {
        if (node.getId() == null) {
            return there.getFieldCount() == 1 ? there.getType(0) : null;
        }
        return there.getFields().stream()
                .filter(field -> node.getId().equals(field.getId()))
                .findFirst()
                .orElse(null);
    }

    private static int @Nullable [] levels(List<Type> wanted, List<Type> found) {
        int[] levels = new int[found.size() + 1];
        int stored = 0;
        int level = 0;
        boolean same = true;
        for (int i = 0; i < found.size(); i++) {
            boolean mayMiss = !wanted.get(i).isRepetition(Repetition.REQUIRED);
            boolean mayMissThere = !found.get(i).isRepetition(Repetition.REQUIRED);
            if (mayMissThere) {
                levels[stored++] = mayMiss ? level : -1;
            }
            level += mayMiss ? 1 : 0;
            same &= mayMiss == mayMissThere;
        }
        levels[stored] = level;
        return same ? null : Arrays.copyOf(levels, stored + 1);
    }
}
