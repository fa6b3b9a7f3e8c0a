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

    @Override
    public String toString() {
        return fullName();
    }
}
