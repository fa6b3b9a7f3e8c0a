package io.sink.catalog;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.iceberg.io.FileInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkServiceException;

/**
 * Tries whether a store creates an object only if none is there, for writers in turn and for several at once.
 *
 * <p>The objects are named {@code .sink-probe-…}, which is no name of any table's, and are deleted again.
 */
final class ExclusiveCreation {
    private static final Logger LOG = LoggerFactory.getLogger(ExclusiveCreation.class);
    private static final String NAME = ".sink-probe-";
    private static final int RIVALS = 6;
    private static final int ATTEMPTS = 3;
    /** A probe lives for a moment; one this old was left by a process that died. */
    private static final Duration LEFT_BEHIND = Duration.ofHours(1);

    private final S3Requests requests;

    ExclusiveCreation(S3Requests requests) {
        this.requests = requests;
    }

    /**
     * Why the store's exclusive creation cannot be trusted; null if it can.
     *
     * @param directory where the probe objects are created
     * @param rounds how often several writers race; a store that is not atomic fails one of a few races
     * @throws RuntimeException if it cannot be tried: no permission, no connection
     */
    @Nullable
    String problem(S3Location directory, int rounds) {
        sweep(directory);
        String sequential = inTurn(directory);
        if (sequential != null || !requests.deletes()) {
            return sequential;
        }
        ExecutorService rivals = Executors.newFixedThreadPool(RIVALS);
        try {
            for (int round = 0; round < rounds; round++) {
                int winners = winners(rivals, directory.child(NAME + UUID.randomUUID()));
                if (winners > 1) {
                    return winners + " of " + RIVALS + " writers at once created the same object with If-None-Match";
                }
            }
            return null;
        } finally {
            rivals.shutdown();
        }
    }

    private @Nullable String inTurn(S3Location directory) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            S3Location name = directory.child(NAME + UUID.randomUUID());
            boolean made;
            boolean replaced;
            try {
                made = created(name, 0);
                replaced = made && created(name, 1);
            } catch (SdkServiceException e) {
                removeAfter(e, name);
                if (e.statusCode() == 501) {
                    return "it does not know If-None-Match (501)";
                }
                throw e;
            }
            remove(name);
            if (replaced) {
                return "it ignores If-None-Match and replaces the object that is there";
            }
            // If the client sent its request again, the second one may have met the object of the first.
            if (made) {
                return null;
            }
        }
        return "it answers for new objects that they already exist";
    }

    private int winners(ExecutorService rivals, S3Location name) {
        CountDownLatch together = new CountDownLatch(RIVALS);
        List<Future<Boolean>> racing = new ArrayList<>();
        try {
            for (int rival = 0; rival < RIVALS; rival++) {
                int number = rival;
                racing.add(rivals.submit(() -> {
                    together.countDown();
                    together.await();
                    return created(name, number);
                }));
            }
            int winners = 0;
            for (Future<Boolean> each : racing) {
                winners += each.get() ? 1 : 0;
            }
            return winners;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while trying conditional writes", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        } finally {
            remove(name);
        }
    }

    /** Whether the object was created. A store answers 412 if it exists, or 409 if another writer is creating it. */
    private boolean created(S3Location name, int writer) {
        try {
            requests.create(name, ("probe of sink by " + writer).getBytes(StandardCharsets.UTF_8));
            return true;
        } catch (SdkServiceException e) {
            if (e.statusCode() == 412 || e.statusCode() == 409) {
                return false;
            }
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Deletes a probe. Missing permission to delete shows here, before anything else is written. Any other failure
     * leaves the probe to a later run.
     */
    private void remove(S3Location name) {
        try {
            requests.delete(name);
        } catch (SdkServiceException e) {
            if (e.statusCode() == 401 || e.statusCode() == 403) {
                throw e;
            }
            LOG.warn("Cannot delete the probe {}: {}", name, e.getMessage());
        } catch (RuntimeException e) {
            LOG.warn("Cannot delete the probe {}: {}", name, e.getMessage());
        }
    }

    /** Deletes the probe; the first failure remains the one that is reported. */
    private void removeAfter(RuntimeException failure, S3Location name) {
        try {
            remove(name);
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private void sweep(S3Location directory) {
        Instant before = Instant.now().minus(LEFT_BEHIND);
        for (FileInfo left : requests.list(directory.child(NAME))) {
            if (Instant.ofEpochMilli(left.createdAtMillis()).isBefore(before)) {
                remove(S3Location.of(left.location()));
            }
        }
    }
}
