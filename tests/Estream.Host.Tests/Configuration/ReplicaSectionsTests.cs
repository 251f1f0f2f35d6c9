using Estream.Host.Runtime;

namespace Estream.Host.Tests.Configuration;

public sealed class ReplicaSectionsTests
{
    [Theory]
    [InlineData("""{"Folder":"/mnt/a"}""", "Estream:Replicas:a needs either Queue or Map.")]
    [InlineData("""{"Queue":"orders","Map":"latest","Folder":"/mnt/a"}""", "needs either Queue or Map, and has both.")]
    [InlineData("""{"Queue":"order","Folder":"/mnt/a"}""", "names the queue \"order\", which Estream:Queues does not have.")]
    [InlineData("""{"Map":"newest","Folder":"/mnt/a"}""", "Estream:Replicas:a:Map is \"newest\", which Estream:Maps does not have.")]
    [InlineData("""{"Queue":"orders"}""", "Estream:Replicas:a:Folder")]
    [InlineData("""{"Queue":"orders","Folder":"data"}""", "the data folder of the host. Choose a folder on another volume.")]
    [InlineData("""{"Queue":"orders","Folder":"/mnt/a","Mode":"fast"}""", "Estream:Replicas:a:Mode")]
    public void A_contradiction_is_reported_with_its_key(string section, string expected)
    {
        using ConfigurationCase bad = Case($"\"a\":{section}");
        Assert.Contains(expected, bad.Message(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_starts_with_a_letter()
    {
        using ConfigurationCase bad = Case("""
            "1":{"Queue":"orders","Folder":"/mnt/a"}
            """);
        Assert.Contains("Estream:Replicas:1 is not a valid name for a replica", bad.Message(), StringComparison.Ordinal);
    }

    [Fact]
    public void Replicas_reach_the_settings()
    {
        using ConfigurationCase good = Case("""
            "a":{"Queue":"orders","Folder":"/mnt/a"},"b":{"Map":"latest","Folder":"/mnt/b"}
            """);
        Assert.Equal([new ReplicaPlan("a", "orders", null, "/mnt/a"), new ReplicaPlan("b", null, "latest", "/mnt/b")],
            good.Settings().Replicas);
    }

    private static ConfigurationCase Case(string sections) =>
        new("{\"Estream\":{\"Queues\":{\"orders\":{}},\"Maps\":{\"latest\":{\"Queue\":\"orders\",\"Schema\":\"IoTTelemetry\","
            + "\"Key\":\"device_id\"}},\"Replicas\":{" + sections + "}}}");
}
