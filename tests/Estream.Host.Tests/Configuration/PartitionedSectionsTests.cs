using Estream.Host.Configuration;

namespace Estream.Host.Tests.Configuration;

/// <summary>Goal: a partitioned queue becomes one queue per partition with the settings of the queue, and errors name what the operator
/// wrote.</summary>
public sealed class PartitionedSectionsTests
{
    [Fact]
    public void Each_partition_is_a_queue_with_the_settings_of_the_partitioned_queue()
    {
        using ConfigurationCase good = Case("""
            "trades":{"Partitions":3,"SegmentBytes":65536,"RetainedAge":"2d","Region":"lex://acme/eu"},"orders":{}
            """);

        EstreamSettings settings = good.Settings();

        Assert.Equal(["orders", "trades.0000", "trades.0001", "trades.0002"],
            settings.Queues.Select(queue => queue.Name).Order(StringComparer.Ordinal));
        Assert.All(settings.Queues.Where(queue => queue.Name != "orders"), queue => Assert.Equal(
            (65536L, TimeSpan.FromDays(2), "lex://acme/eu"), (queue.SegmentBytes, queue.RetainedAge, queue.Region)));
        Assert.Equal([KeyValuePair.Create("trades", 3)], settings.Partitioned);
    }

    [Fact]
    public void Replication_of_a_partitioned_queue_means_all_its_partitions()
    {
        using ConfigurationCase good = Case("""
            "trades":{"Partitions":2},"orders":{}
            """, """
            ,"Replication":{"Cluster":"c","Brokers":["127.0.0.1"],"Publish":["orders","trades"],"Follow":["quotes","news.0001"],
            "Partitions":{"quotes":2}}
            """);

        EstreamSettings settings = good.Settings();

        Assert.Equal(["orders", "trades.0000", "trades.0001"], settings.Replication!.Publish.Order(StringComparer.Ordinal));
        Assert.Equal(["news.0001", "quotes.0000", "quotes.0001"], settings.Replication.Follow.Order(StringComparer.Ordinal));
        Assert.Equal(2, settings.Partitioned["quotes"]);
    }

    [Theory]
    [InlineData("\"trades\":{\"Partitions\":0}", "Estream:Queues:trades:Partitions expects a whole number from 1 to 1024")]
    [InlineData("\"trades\":{\"Partitions\":1025}", "Estream:Queues:trades:Partitions expects")]
    [InlineData("\"dead-letters\":{\"Partitions\":2}", "Estream:Queues:dead-letters:Partitions is set, but refused messages have no key.")]
    [InlineData("\"trades\":{\"Partitions\":2},\"trades.0001\":{}",
        "Estream:Queues:trades.0001 has the name of a partition of Estream:Queues:trades.")]
    [InlineData("\"trades\":{\"Partitions\":2,\"Lex\":\"lex://acme/trades\"}", "Estream:Queues:trades:Lex is set, and so is")]
    [InlineData("\"a\":{\"Partitions\":1024},\"b\":{\"Partitions\":1024},\"c\":{}",
        "Estream:Queues has 2049 queues and partitions; the maximum is 2048.")]
    [InlineData("\"a123456789012345678901234567890123456789012345678901234567890\":{\"Partitions\":2}",
        "the name of a partitioned queue has at most 59")]
    public void A_partitioned_queue_that_cannot_work_is_refused(string queues, string expected)
    {
        using ConfigurationCase bad = Case(queues);
        Assert.Contains(expected, bad.Message(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_error_of_all_partitions_is_reported_once_with_the_key_that_the_operator_wrote()
    {
        using ConfigurationCase bad = Case("""
            "trades":{"Partitions":100,"Durability":"Quorum"}
            """);

        string message = bad.Message();

        Assert.Contains("The configuration has an error", message, StringComparison.Ordinal);
        Assert.Contains("Estream:Queues:trades:Durability is Quorum, but the queue is not replicated.", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mapping_or_a_map_names_a_partition()
    {
        using ConfigurationCase bad = Case("\"trades\":{\"Partitions\":4}",
            """,'Maps':{'latest':{'Queue':'trades','Schema':'IoTTelemetry','Key':'device_id'}}""".Replace('\'', '"'));
        using ConfigurationCase good = Case("\"trades\":{\"Partitions\":4}",
            """,'Maps':{'latest':{'Queue':'trades.0003','Schema':'IoTTelemetry','Key':'device_id'}}""".Replace('\'', '"'));

        Assert.Contains("Estream:Maps:latest:Queue names the queue \"trades\", which has 4 partitions. Name a partition, from trades.0000 "
            + "to trades.0003.", bad.Message(), StringComparison.Ordinal);
        Assert.Equal("trades.0003", good.Settings().Maps[0].Queue);
    }

    [Fact]
    public void Partitions_of_a_copy_need_a_followed_queue()
    {
        using ConfigurationCase bad = Case("\"orders\":{}", """
            ,"Replication":{"Cluster":"c","Brokers":["127.0.0.1"],"Publish":["orders"],"Partitions":{"orders":2}}
            """);
        Assert.Contains("Estream:Replication:Partitions:orders is set, but Estream:Replication:Follow does not name the queue.",
            bad.Message(), StringComparison.Ordinal);
    }

    private static ConfigurationCase Case(string queues, string more = "") =>
        new("{\"Estream\":{\"Queues\":{" + queues + "}" + more + "}}");
}
