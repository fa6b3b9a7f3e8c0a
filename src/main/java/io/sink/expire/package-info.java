/** Snapshot expiry: which snapshots go, and the files that no surviving snapshot reaches. */
@NullMarked
package io.sink.expire;

import org.jspecify.annotations.NullMarked;
