package io.sink.config;

/**
 * The configuration of the tables that match a pattern.
 *
 * @param match which tables
 * @param exclude whether they are left alone
 * @param knownDuplicate whether the operator knows that other entries of the catalogs show the same table
 * @param settings their settings; a setting that is missing here is taken from {@code maintenance}
 */
record TableRule(TablePattern match, boolean exclude, boolean knownDuplicate, Settings settings) {

    /** {@code rule "lake.web.*"}. */
    String source() {
        return "rule \"" + match + "\"";
    }
}
