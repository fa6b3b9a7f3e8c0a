package io.sink.catalog;

import java.util.Locale;

/**
 * A configured catalog could not be opened: it is missing, unreachable, refuses access, or its configuration is wrong.
 */
public final class CatalogUnreachableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /**
     * @param catalog the catalog's name in the configuration
     * @param cause what it failed with
     */
    public CatalogUnreachableException(String catalog, Throwable cause) {
        this(catalog, describe(cause), cause);
    }

    CatalogUnreachableException(String catalog, String problem, Throwable cause) {
        super(String.format(Locale.ROOT, "Cannot open catalog '%s': %s", catalog, problem), cause);
    }

    CatalogUnreachableException(String catalog, String problem) {
        super(String.format(Locale.ROOT, "Cannot open catalog '%s': %s", catalog, problem));
    }

    /**
     * The innermost message: drivers say there what happened, and the exceptions around it often only repeat the
     * address.
     */
    private static String describe(Throwable failure) {
        String addOn = AddOns.missing(failure);
        if (addOn != null) {
            return addOn;
        }
        Throwable telling = failure;
        Throwable cause = failure.getCause();
        for (int depth = 0; cause != null && depth < 20; depth++, cause = cause.getCause()) {
            if (cause.getMessage() != null && !cause.getMessage().isBlank()) {
                telling = cause;
            }
        }
        String message = telling.getMessage();
        String kind = telling.getClass().getSimpleName();
        return message == null || message.isBlank() ? kind : message.strip() + " (" + kind + ")";
    }
}
