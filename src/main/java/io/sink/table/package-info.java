/**
 * One reading of a table: its snapshots, manifests and entries, its live files, and how their locations are spelled.
 */
@NullMarked
package io.sink.table;

import org.jspecify.annotations.NullMarked;
