import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.VarCharType;
import org.apache.flink.types.RowKind;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.flink.CatalogLoader;
import org.apache.iceberg.flink.TableLoader;
import org.apache.iceberg.flink.sink.FlinkSink;
import org.apache.iceberg.flink.sink.IcebergSink;

/**
 * Streams numbers into three tables of one catalog, in this JVM's own Flink, with a checkpoint each second: {@code java
 * -cp … FlinkStream <rows> <rows per second> <rows between failures> <property of the catalog>=<value>…}.
 *
 * <p>{@code web.appends} gets each number as a row; {@code web.upserts} and {@code web.buckets} get its key with the
 * number as its value, or lose the key. The job fails on the way, and Flink starts it again from its last checkpoint.
 */
public final class FlinkStream {
    private static final Set<Long> FAILED = ConcurrentHashMap.newKeySet();

    private FlinkStream() {}

    public static void main(String[] args) throws Exception {
        long rows = Long.parseLong(args[0]);
        double perSecond = Double.parseDouble(args[1]);
        long untilFailure = Long.parseLong(args[2]);
        CatalogLoader catalog = catalog(List.of(args).subList(3, args.length));
        StreamExecutionEnvironment flink =
                StreamExecutionEnvironment.getExecutionEnvironment(Configuration.fromMap(Map.of(
                        "parallelism.default", "2",
                        "execution.checkpointing.interval", "1s",
                        "restart-strategy.type", "fixed-delay",
                        "restart-strategy.fixed-delay.attempts", "10",
                        "restart-strategy.fixed-delay.delay", "200ms",
                        "taskmanager.numberOfTaskSlots", "2",
                        "rest.bind-address", "127.0.0.1",
                        "rest.bind-port", "0")));
        // One reader, so that the rows of a key stay in order.
        DataStream<Long> numbers = flink.fromSource(
                        new DataGeneratorSource<>(
                                number -> failingAt(number, untilFailure),
                                rows,
                                RateLimiterStrategy.perSecond(perSecond),
                                Types.LONG),
                        WatermarkStrategy.noWatermarks(),
                        "numbers")
                .setParallelism(1)
                .uid("numbers");

        FlinkSink.forRowData(rows(numbers, "rows", false))
                .tableLoader(table(catalog, "appends"))
                .uidPrefix("appends")
                .writeParallelism(2)
                .append();
        DataStream<RowData> changes = rows(numbers, "changes", true);
        FlinkSink.forRowData(changes)
                .tableLoader(table(catalog, "upserts"))
                .uidPrefix("upserts")
                .writeParallelism(2)
                .upsert(true)
                .equalityFieldColumns(List.of("id"))
                .append();
        IcebergSink.forRowData(changes)
                .tableLoader(table(catalog, "buckets"))
                .uidSuffix("buckets")
                .writeParallelism(2)
                .upsert(true)
                .equalityFieldColumns(List.of("id"))
                .append();
        flink.execute("stream");
        System.out.println("failed at " + FAILED);
    }

    private static CatalogLoader catalog(List<String> properties) {
        Map<String, String> all = new HashMap<>();
        for (String property : properties) {
            int end = property.indexOf('=');
            all.put(property.substring(0, end), property.substring(end + 1));
        }
        String implementation = all.remove("catalog-impl");
        return CatalogLoader.custom("lake", all, new org.apache.hadoop.conf.Configuration(), implementation);
    }

    private static TableLoader table(CatalogLoader catalog, String name) {
        return TableLoader.fromCatalog(catalog, TableIdentifier.of("web", name));
    }

    private static long failingAt(long number, long untilFailure) {
        if (number % untilFailure == untilFailure - 1 && FAILED.add(number)) {
            throw new IllegalStateException("fails at " + number);
        }
        return number;
    }

    private static DataStream<RowData> rows(DataStream<Long> numbers, String name, boolean changes) {
        RowType type = RowType.of(
                new LogicalType[] {new BigIntType(false), new VarCharType(VarCharType.MAX_LENGTH)},
                new String[] {"id", "name"});
        return numbers.map(
                        number -> changes ? change(number) : row(RowKind.INSERT, number, number),
                        InternalTypeInfo.of(type))
                .setParallelism(1)
                .uid(name);
    }

    /** Half of the numbers belong to 50 keys that come back soon, the others to 1000 that come back late. */
    private static RowData change(long number) {
        RowKind kind = number % 11 == 5 ? RowKind.DELETE : RowKind.UPDATE_AFTER;
        return row(kind, number % (number % 2 == 0 ? 100 : 2000), number);
    }

    private static RowData row(RowKind kind, long id, long number) {
        return GenericRowData.ofKind(kind, id, StringData.fromString("row " + number));
    }
}
