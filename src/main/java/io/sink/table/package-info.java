/**
 * Reads a table: its snapshots, manifests and entries, its live files, and the spelling of their locations.
 */
@NullMarked
package io.sink.table;

import org.jspecify.annotations.NullMarked;
