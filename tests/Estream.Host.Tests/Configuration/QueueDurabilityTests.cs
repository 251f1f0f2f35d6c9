using Estream.Esf;
using Estream.Host.Configuration;
using Estream.Host.Runtime;
using Estream.Host.Tests.Components;
using Microsoft.Extensions.Configuration;

namespace Estream.Host.Tests.Configuration;

/// <summary>Goal: nothing is acknowledged from the page cache if its sender does not send it again, unless a person has chosen
/// it.</summary>
public sealed class QueueDurabilityTests
{
    [Theory]
    [InlineData("mqtt-endpoint", "PageCache")]
    [InlineData("mqtt-client", "PageCache")]
    [InlineData("modbus-client", "PageCache")]
    [InlineData("modbus-server", "GroupCommit")]
    [InlineData("dnp3-master", "GroupCommit")]
    [InlineData("opcua-client", "GroupCommit")]
    [InlineData("fix-acceptor", "GroupCommit")]
    [InlineData("fix-initiator", "GroupCommit")]
    [InlineData("iso20022-folder", "GroupCommit")]
    [InlineData("iso20022-listener", "GroupCommit")]
    [InlineData("iso20022-client", "GroupCommit")]
    [InlineData("hl7-listener", "GroupCommit")]
    [InlineData("fhir-server", "GroupCommit")]
    [InlineData("fhir-client", "GroupCommit")]
    public void Durability_and_reserve_of_a_queue_follow_the_type_of_its_adapter(string type, string expected)
    {
        AssertQueue(Plan(("Adapters:a:Type", type), ("Adapters:a:Mappings:0:Queue", "orders")), expected);
    }

    [Theory]
    [InlineData("mqtt-client", "PageCache")]
    [InlineData("fix-acceptor", "GroupCommit")]
    public void Durability_and_reserve_of_a_queue_follow_the_factory_of_its_component(string kind, string expected)
    {
        using ProductAdapterCase component = new(kind);
        HostConfiguration plan = Plan(
            ("Adapters:a:Component", component.Name), ("Adapters:a:Mappings:0:Queue", "orders"),
            ("Components:Workspace", component.Combine("workspace")), ("Components:Cache", component.Combine("cache")));

        AssertQueue(plan, expected);
    }

    [Fact]
    public void A_component_that_cannot_be_loaded_needs_durable_queues()
    {
        AssertQueue(
            Plan(("Adapters:a:Component", "@acme/doors"), ("Adapters:a:Mappings:0:Queue", "orders"), ("Components:Workspace", "w")),
            "GroupCommit");
    }

    [Theory]
    [InlineData("fix-acceptor", "PageCache", true)]
    [InlineData("fix-acceptor", "Every", false)]
    [InlineData("mqtt-endpoint", "PageCache", false)]
    [InlineData("mqtt-endpoint", "GroupCommit", false)]
    [InlineData("mqtt-endpoint", "Every", false)]
    public void A_configured_durability_is_used_and_a_weaker_one_is_a_warning(string type, string durability, bool isWarning)
    {
        HostConfiguration plan = Plan(
            ("Queues:orders:Durability", durability), ("Adapters:a:Type", type), ("Adapters:a:Mappings:0:Queue", "orders"),
            ("Adapters:b:Type", type), ("Adapters:b:Mappings:0:Queue", "orders"));

        Assert.Equal(durability, plan.Queues["orders"].IngressDurability.ToString());
        Assert.Equal(
            isWarning ? [new DurabilityWarning("orders", "PageCache", "a", "GroupCommit")] : [], plan.DurabilityWarnings);
    }

    [Theory]
    [InlineData("fix-acceptor", "auto", null, "QuorumAndFlush", false)]
    [InlineData("mqtt-endpoint", "auto", null, "Quorum", false)]
    [InlineData("fix-acceptor", "fixed", null, "GroupCommit", false)]
    [InlineData("fix-acceptor", "auto", "Quorum", "Quorum", true)]
    [InlineData("fix-acceptor", "fixed", "Quorum", "Quorum", true)]
    [InlineData("mqtt-endpoint", "auto", "Quorum", "Quorum", false)]
    [InlineData("mqtt-endpoint", "auto", "QuorumAndFlush", "QuorumAndFlush", false)]
    public void A_replicated_queue_is_flushed_as_well_if_its_adapter_needs_that(
        string type, string role, string? durability, string expected, bool isWarning)
    {
        HostConfiguration plan = Plan(
            ("Queues:orders:Durability", durability ?? ""), ("Replication:Cluster", "c"), ("Replication:Brokers:0", "127.0.0.1"),
            ("Replication:Role", role), ("Replication:Publish:0", "orders"), ("Adapters:a:Type", type),
            ("Adapters:a:Mappings:0:Queue", "orders"));

        Assert.Equal(expected, plan.Queues["orders"].IngressDurability.ToString());
        Assert.Equal(
            isWarning
                ? [new DurabilityWarning("orders", "Quorum", "a", role == "auto" ? "QuorumAndFlush" : "GroupCommit")]
                : [],
            plan.DurabilityWarnings);
    }

    [Theory]
    [InlineData("Quorum")]
    [InlineData("QuorumAndFlush")]
    public void A_durability_that_waits_for_brokers_needs_replication(string durability)
    {
        using ConfigurationCase bad = new(
            """{"Estream":{"Queues":{"q":{"Durability":"@"}}}}""".Replace("@", durability, StringComparison.Ordinal));

        Assert.Contains($"Estream:Queues:q:Durability is {durability}, but the queue is not replicated.", bad.Message(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_durability_is_rejected_with_the_valid_ones()
    {
        using ConfigurationCase bad = new("""{"Estream":{"Queues":{"telemetry":{"Durability":"group"}}}}""");

        Assert.Contains("Estream:Queues:telemetry:Durability", bad.Message(), StringComparison.Ordinal);
        Assert.Contains("one of PageCache, GroupCommit, Every, Quorum, QuorumAndFlush", bad.Message(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"Durability":"Every"}""", "Estream:Durability is not a known key.")]
    [InlineData("""{"Queues":{"q":{"Durabilty":"Every"}}}""", "Estream:Queues:q:Durabilty is not a known key. Did you mean \"Durability\"?")]
    [InlineData("""{"Queues":{"q":{"durability":"every"}}}""", "Estream:Queues:q:durability expects one of PageCache")]
    [InlineData("""{"Queues":{"q":{"Durability":{"Level":"Every"}}}}""", "Estream:Queues:q:Durability expects one of PageCache")]
    [InlineData("""{"Queues":{"q":{"Durability":["Every"]}}}""", "Estream:Queues:q:Durability expects one of PageCache")]
    [InlineData("""{"Queues":{"q":{"Partitions":2,"Durability":"Evry"}}}""", "Estream:Queues:q:Durability expects one of PageCache")]
    [InlineData("""{"Queues":{"q":{"Partitions":2},"q.0001":{"Durability":"Every"}}}""", "has the name of a partition")]
    [InlineData("""{"Queues":{"q":{"Witness":{"KeyFile":"k","Durability":"Every"}}}}""", "Witness:Durability is not a known key.")]
    [InlineData("""{"Maps":{"m":{"Durability":"Every"}}}""", "Estream:Maps:m:Durability is not a known key.")]
    [InlineData("""{"Client":{"Durability":"GroupCommit"}}""", "Estream:Client:Durability is not a known key.")]
    [InlineData("""{"Client":{"Maps":{"m":{"Durability":"Every"}}}}""",
        "Estream:Client:Maps:m:Durability expects one of PageCache, GroupCommit, not \"Every\".")]
    [InlineData("""{"Replication":{"Durability":"Quorum"}}""", "Estream:Replication:Durability is not a known key.")]
    [InlineData("""{"Adapters":{"a":{"Type":"mqtt-endpoint","Durability":"Every"}}}""",
        "Estream:Adapters:a:Durability is not a known key.")]
    [InlineData("""{"Adapters":{"a":{"Type":"mqtt-endpoint","Mappings":[{"Durability":"Every"}]}}}""",
        "Estream:Adapters:a:Mappings:0:Durability is not a known key.")]
    [InlineData("""{"Adapters":{"a":{"Component":"@acme/doors","Durability":"Every"}},"Components":{"Workspace":"w"}}""",
        "Estream:Adapters:a:Durability is not a setting of an adapter. Set Estream:Queues:NAME:Durability of the queue.")]
    [InlineData("""{"Adapters":{"a":{"Component":"@acme/doors","Mappings":[{"durability":"Every"}]}},"Components":{"Workspace":"w"}}""",
        "Estream:Adapters:a:Mappings:0:Durability is not a setting of an adapter.")]
    public void A_durability_that_no_part_reads_is_an_error(string json, string expected)
    {
        using ConfigurationCase bad = new($"{{\"Estream\":{json}}}");

        Assert.Contains(expected, bad.Message(), StringComparison.OrdinalIgnoreCase);
    }

    private static void AssertQueue(HostConfiguration plan, string expected)
    {
        Assert.Equal(expected, plan.Queues["orders"].IngressDurability.ToString());
        Assert.Equal("PageCache", plan.Queues["other"].IngressDurability.ToString());
        Assert.Equal(expected, plan.Queues["dead-letters"].IngressDurability.ToString());
        Assert.Equal(
            expected == "PageCache" ? [] : ["dead-letters", "orders"], plan.UsesReserve.Order(StringComparer.Ordinal));
        Assert.Empty(plan.DurabilityWarnings);
    }

    private static HostConfiguration Plan(params (string Key, string Value)[] values)
    {
        IConfiguration configuration = new ConfigurationBuilder().AddInMemoryCollection(
        [
            new("Estream:Queues:orders:SegmentBytes", "65536"), new("Estream:Queues:other:SegmentBytes", "65536"),
            .. values.Select(value => new KeyValuePair<string, string?>("Estream:" + value.Key, value.Value)),
        ]).Build();
        HostConfiguration plan = new();
        new EstreamBuilder(plan).AddShippedAdapters().Add(
            SettingsReader.Read(configuration, null, new Dictionary<string, string>()), EsfSchemaSet.BuiltIn);
        return plan;
    }
}
