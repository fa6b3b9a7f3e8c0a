/** What the flows stand on: other engines as processes of their own. */
@NullMarked
package lib;

import org.jspecify.annotations.NullMarked;
