/** What may be created and deleted in a table's storage, by whom, and who else may need it. */
@NullMarked
package io.sink.storage;

import org.jspecify.annotations.NullMarked;
