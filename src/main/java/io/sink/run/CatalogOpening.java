package io.sink.run;

import io.sink.catalog.TableSource;
import java.util.function.Supplier;

/**
 * A configured catalog that is opened when the walk comes to it.
 *
 * @param name its name in the configuration
 * @param open connects; throws if the catalog cannot be reached or refuses the credentials
 */
public record CatalogOpening(String name, Supplier<TableSource> open) {}
