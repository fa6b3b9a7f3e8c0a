/** One group of files in, files and a proof of them out; knows of no commit. */
@NullMarked
package io.sink.rewrite;

import org.jspecify.annotations.NullMarked;
