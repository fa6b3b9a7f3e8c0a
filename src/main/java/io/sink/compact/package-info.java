/** Which data files are to be rewritten, and the one commit of what came of it. */
@NullMarked
package io.sink.compact;

import org.jspecify.annotations.NullMarked;
