import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Runs SQL in this JVM's own Spark: {@code java -cp … SparkScript <statements> <answers>}.
 *
 * <p>The log ends with the statement that failed and why. {@code statements} is a directory of files, one statement
 * each, run in the order of their names; for each, a file of the same name in {@code answers} gets the rows as JSON
 * lines, nulls included, and one that ends in {@code .nanos} how long they took. Spark's configuration comes as system
 * properties.
 */
public final class SparkScript {
    private SparkScript() {}

    public static void main(String[] args) throws Exception {
        String statement = "";
        try (SparkSession spark = SparkSession.builder().getOrCreate();
                var files = Files.list(Path.of(args[0]))) {
            for (Path file : files.sorted().toList()) {
                statement = Files.readString(file);
                Path rows = Path.of(args[1]).resolve(file.getFileName());
                long start = System.nanoTime();
                answer(spark.sql(statement), rows);
                Files.writeString(Path.of(rows + ".nanos"), Long.toString(System.nanoTime() - start));
            }
        } catch (Exception e) {
            e.printStackTrace();
            System.err.println("Failed: " + statement);
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                System.err.println(cause);
            }
            System.exit(1);
        }
    }

    private static void answer(Dataset<Row> rows, Path file) throws Exception {
        List<String> lines =
                rows.columns().length == 0 ? List.of() : rows.toJSON().collectAsList();
        Files.write(file, lines);
    }
}
