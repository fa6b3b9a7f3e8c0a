package io.sink.lineage;

import io.openlineage.client.OpenLineage;
import io.openlineage.client.OpenLineage.RunEvent;
import io.openlineage.client.OpenLineage.RunEvent.EventType;
import io.sink.outcome.ActionReport;
import io.sink.outcome.Counter;
import io.sink.outcome.Effect;
import io.sink.outcome.Outcome;
import io.sink.outcome.RunHeader;
import io.sink.outcome.RunSummary;
import io.sink.outcome.TableReport;
import io.sink.run.RunListener;
import io.sink.text.Human;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Tells a lineage service of a run: that it began and ended, and of each table that it changed or failed to change, as
 * a run of its own with the first as its parent, reading and writing that table. A table that was left as it was has no
 * event.
 *
 * @ref LLP 0017#lineage
 */
public final class LineageEvents implements RunListener {
    private final Consumer<RunEvent> to;
    private final String namespace;
    private final InstantSource clock;
    private final UnaryOperator<String> redaction;
    private OpenLineage lineage = new OpenLineage(producer("unknown"));
    private @Nullable RunHeader header;

    /**
     * @param to takes each event as soon as it is known
     * @param namespace of the jobs, for example the scheduler's name
     * @param clock says when a table was done
     * @param redaction gives a text without its secrets: a service keeps what it is told
     */
    public LineageEvents(
            Consumer<RunEvent> to, String namespace, InstantSource clock, UnaryOperator<String> redaction) {
        this.redaction = redaction;
        this.to = to;
        this.namespace = namespace;
        this.clock = clock;
    }

    @Override
    public void started(RunHeader header) {
        this.header = header;
        this.lineage = new OpenLineage(producer(header.version()));
        to.accept(whole(header, EventType.START, header.startedAt()));
    }

    @Override
    public void table(TableReport report) {
        RunHeader of = begun();
        boolean changed = report.outcome() == Outcome.DONE
                || report.outcome() == Outcome.DEFERRED
                || report.outcome() == Outcome.FAILED;
        if (!changed || report.table().equals(report.catalog())) {
            return;
        }
        Instant ended = clock.instant();
        Duration took = report.actions().stream().map(ActionReport::duration).reduce(Duration.ZERO, Duration::plus);
        to.accept(table(of, report, EventType.START, ended.minus(took)));
        to.accept(table(of, report, end(report.outcome()), ended));
    }

    /** A lost race is an abort: the table is as others left it. */
    private static EventType end(Outcome outcome) {
        return switch (outcome) {
            case FAILED -> EventType.FAIL;
            case DEFERRED -> EventType.ABORT;
            default -> EventType.COMPLETE;
        };
    }

    @Override
    public void ended(RunSummary summary) {
        EventType type = summary.interruptedBy() != null
                ? EventType.ABORT
                : summary.exitCode() == 0 ? EventType.COMPLETE : EventType.FAIL;
        to.accept(whole(begun(), type, summary.endedAt()));
    }

    private RunHeader begun() {
        if (header == null) {
            throw new IllegalStateException("told of a run that never began");
        }
        return header;
    }

    private RunEvent whole(RunHeader of, EventType type, Instant at) {
        return lineage.newRunEventBuilder()
                .eventType(type)
                .eventTime(at.atZone(ZoneOffset.UTC))
                .run(lineage.newRunBuilder().runId(uuid(of.runId())).build())
                .job(job(command(of)))
                .inputs(List.of())
                .outputs(List.of())
                .build();
    }

    private RunEvent table(RunHeader of, TableReport report, EventType type, Instant at) {
        String name = Human.plain(report.table());
        OpenLineage.RunFacetsBuilder facets = lineage.newRunFacetsBuilder()
                .parent(lineage.newParentRunFacetBuilder()
                        .run(lineage.newParentRunFacetRunBuilder()
                                .runId(uuid(of.runId()))
                                .build())
                        .job(lineage.newParentRunFacetJobBuilder()
                                .namespace(namespace)
                                .name(command(of))
                                .build())
                        .build());
        if (type == EventType.FAIL) {
            facets.errorMessage(lineage.newErrorMessageRunFacet(redaction.apply(why(report)), "JAVA", null));
        }
        OpenLineage.OutputDatasetBuilder output = lineage.newOutputDatasetBuilder()
                .namespace(Human.plain(report.catalog()))
                .name(name);
        Effect effect = report.actions().stream()
                .map(action -> action.result().effect())
                .reduce(Effect.NONE, Effect::plus);
        if (type == EventType.COMPLETE && effect.get(Counter.DATA_FILES_WRITTEN) > 0) {
            output.outputFacets(lineage.newOutputDatasetOutputFacetsBuilder()
                    .outputStatistics(lineage.newOutputStatisticsOutputDatasetFacet(
                            effect.get(Counter.ROWS_WRITTEN),
                            effect.get(Counter.BYTES_WRITTEN),
                            effect.get(Counter.DATA_FILES_WRITTEN)))
                    .build());
        }
        return lineage.newRunEventBuilder()
                .eventType(type)
                .eventTime(at.atZone(ZoneOffset.UTC))
                .run(lineage.newRunBuilder()
                        .runId(uuid(of.runId() + "\n" + report.table()))
                        .facets(facets.build())
                        .build())
                .job(job(command(of) + "." + name))
                .inputs(List.of(lineage.newInputDatasetBuilder()
                        .namespace(Human.plain(report.catalog()))
                        .name(name)
                        .build()))
                .outputs(List.of(output.build()))
                .build();
    }

    private OpenLineage.Job job(String name) {
        return lineage.newJobBuilder().namespace(namespace).name(name).build();
    }

    private static String why(TableReport report) {
        return report.actions().stream()
                .filter(action -> action.outcome() == Outcome.FAILED)
                .map(action -> action.reason().code() + ": "
                        + Human.plain(action.result().detail()))
                .findFirst()
                .orElseThrow();
    }

    private static String command(RunHeader of) {
        return "sink " + Human.plain(of.command());
    }

    private static URI producer(String version) {
        try {
            return new URI("urn", "sink:" + version, null);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A UUID that is the same for the same run, whose own id need not be a UUID. */
    private static UUID uuid(String of) {
        return UUID.nameUUIDFromBytes(("sink " + of).getBytes(StandardCharsets.UTF_8));
    }
}
