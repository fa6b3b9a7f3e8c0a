package io.sink.worlds;

/**
 * A table under a name in a catalog.
 *
 * @param path the name below the catalog's, with dots between its levels
 */
record Entry(Cat cat, String path) {

    String fullName() {
        return cat.name + "." + path;
    }

    /** The table's own part of the name. */
    String table() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** What stands before it, as a catalog's database has it; empty for a table in no namespace. */
    String namespace() {
        return path.substring(0, Math.max(0, path.lastIndexOf('.')));
    }

    @Override
    public String toString() {
        return fullName();
    }
}
