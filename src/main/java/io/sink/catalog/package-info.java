/** Where tables come from: Iceberg catalogs, and plain paths without one. */
@NullMarked
package io.sink.catalog;

import org.jspecify.annotations.NullMarked;
