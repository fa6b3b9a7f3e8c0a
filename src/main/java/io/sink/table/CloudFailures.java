package io.sink.table;

import java.util.Arrays;
import java.util.List;

/**
 * What failures of Azure's and Google's clients tell, which come with add-ons: their classes are not known here. For
 * those of S3 there is {@link S3Failures}.
 */
final class CloudFailures {
    private static final String AZURE = "com.azure.";
    private static final List<String> SDKS = List.of(AZURE, "com.google.cloud.", "com.google.api.", "com.google.auth.");

    /** Frames between the check of an argument and the client that was given it. */
    private static final int NEAR = 4;

    private CloudFailures() {}

    static boolean isOfSdk(Throwable failure) {
        return SDKS.stream().anyMatch(failure.getClass().getName()::startsWith);
    }

    /** The HTTP status of the answer; 0 if there is none. */
    static int status(Throwable failure) {
        if (!isOfSdk(failure)) {
            return 0;
        }
        try {
            if (!failure.getClass().getName().startsWith(AZURE)) {
                return (int) failure.getClass().getMethod("getCode").invoke(failure);
            }
            Object answer = failure.getClass().getMethod("getResponse").invoke(failure);
            return answer == null
                    ? 0
                    : (int) Class.forName(
                                    "com.azure.core.http.HttpResponse",
                                    false,
                                    failure.getClass().getClassLoader())
                            .getMethod("getStatusCode")
                            .invoke(answer);
        } catch (ReflectiveOperationException | ClassCastException e) {
            return 0;
        }
    }

    /** Whether a client refused a credential, such as a key that is no Base64, before any request. */
    static boolean isBadCredential(Throwable failure) {
        return failure instanceof IllegalArgumentException
                && Arrays.stream(failure.getStackTrace())
                        .limit(NEAR)
                        .map(StackTraceElement::getClassName)
                        .anyMatch(frame -> SDKS.stream().anyMatch(frame::startsWith));
    }
}
