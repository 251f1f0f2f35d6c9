using Estream.Host.Configuration;
using Estream.Host.Runtime;
using Estream.Net;
using Estream.Net.Multicast;
using Estream.Testing;

namespace Estream.Host.Tests.Configuration;

public sealed class MulticastSectionsTests
{
    private const string Local = "\"Unicast\":\"127.0.0.1\"";

    [Theory]
    [InlineData("""{}""", "Estream:Multicast:a needs either Publish or Subscribe.")]
    [InlineData("""{"Publish":"orders","Subscribe":"copy"}""", "needs either Publish or Subscribe, and has both.")]
    [InlineData("""{"Publish":"orders"}""", "needs either Group or Unicast.")]
    [InlineData("""{"Publish":"orders","Unicast":"127.0.0.1","Group":"239.1.2.3"}""", "needs either Group or Unicast, and has both.")]
    [InlineData("""{"Publish":"order","Unicast":"127.0.0.1"}""", "names the queue \"order\", which Estream:Queues does not have.")]
    [InlineData("""{"Subscribe":"orders","Unicast":"127.0.0.1"}""", "is \"orders\", a queue that something else writes.")]
    [InlineData("""{"Subscribe":"orders.witness","Unicast":"127.0.0.1"}""", "is \"orders.witness\", a queue that something else writes.")]
    [InlineData("""{"Subscribe":"../x","Unicast":"127.0.0.1"}""", "is \"../x\". A queue name has")]
    [InlineData("""{"Subscribe":"copy","Unicast":"127.0.0.1","FlowControl":"max"}""", "FlowControl is for a publisher")]
    [InlineData("""{"Publish":"orders","Unicast":"127.0.0.1","From":"end"}""", "From is for a subscriber")]
    [InlineData("""{"Publish":"orders","Unicast":"127.0.0.1","FecData":10}""", "has only one of FecData and FecParity.")]
    [InlineData("""{"Publish":"orders","Unicast":"239.1.2.3","AllowPlaintext":true}""", "Unicast is 239.1.2.3. Give the address of")]
    [InlineData("""{"Publish":"orders","Group":"192.0.2.1","AllowPlaintext":true}""", "Group is 192.0.2.1. Give 224.0.0.0 to")]
    [InlineData("""{"Publish":"orders","Group":"239.1.2.3"}""", "sends packets to other machines without a key.")]
    [InlineData("""{"Publish":"orders","Unicast":"127.0.0.1","Transport":"xdp"}""", "Estream:Multicast:a:Transport")]
    [InlineData("""{"Publish":"orders","Unicast":"127.0.0.1","KeyFile":"/none/group.key"}""", "Estream:Multicast:a:KeyFile cannot be used:")]
    public void A_contradiction_is_reported_with_its_key(string section, string expected)
    {
        using ConfigurationCase bad = Case($"\"a\":{section}");
        Assert.Contains(expected, bad.Message(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_sections_cannot_write_the_same_copy()
    {
        using ConfigurationCase bad = Case($$"""
            "a":{"Subscribe":"copy",{{Local}}},"b":{"Subscribe":"copy",{{Local}},"Stream":2}
            """);
        Assert.Contains("Estream:Multicast:b:Subscribe is \"copy\"", bad.Message(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_file_without_a_key_is_refused_without_its_text()
    {
        using TempDirectory folder = new();
        string file = folder.Combine("group.key");
        SecretFiles.Write(file, "not-hexadecimal");
        using ConfigurationCase bad = Case($$"""
            "a":{"Publish":"orders","Group":"239.1.2.3","KeyFile":"{{file}}"}
            """);
        string message = bad.Message();
        Assert.Contains("has no key of 64 hexadecimal digits. Create one:", message, StringComparison.Ordinal);
        Assert.DoesNotContain("not-hexadecimal", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_setting_of_a_publisher_reaches_its_options()
    {
        using TempDirectory folder = new();
        string file = folder.Combine("group.key");
        SecretFiles.Write(file, new string('0', 62) + "ff\n");
        using ConfigurationCase good = Case($$"""
            "a":{"Publish":"orders","Group":"239.1.2.3","Port":5000,"Interface":"eth7","Transport":"udp","Loopback":true,"TimeToLive":4,
            "Stream":9,"KeyFile":"{{file}}","Tag":3,"FlowControl":"tagged","MinReceivers":2,"MaxReceivers":5,"MaxBytesPerSecond":1000,
            "RetransmitBytesPerSecond":2000,"CongestionWindow":true,"FecData":10,"FecParity":2}
            """);

        MulticastPlan plan = Assert.Single(good.Settings().Multicast);

        Assert.Equal(("a", "orders", "publisher", "239.1.2.3:5000"), (plan.Name, plan.Queue, plan.Role, plan.EndPoint.ToString()));
        Assert.Equal((PacketTransportKind.Udp, "eth7", true, 4),
            (plan.Channel.Transport, plan.Channel.Interface, plan.Channel.MulticastLoopback, plan.Channel.MulticastTimeToLive));
        MulticastPublisherOptions options = plan.Publisher!;
        Assert.Equal((9u, MulticastFlowControl.Tagged, 3L, 2, 5),
            (options.StreamId, options.FlowControl, options.FlowControlTag, options.MinimumReceivers, options.MaxReceivers));
        Assert.Equal((1000L, 2000L, true, 10, 2), (options.MaxBytesPerSecond, options.RetransmitBytesPerSecond,
            options.UseCongestionWindow, options.FecData, options.FecParity));
        Assert.Equal((32, 0xff), (options.Key.Length, options.Key.Span[31]));
    }

    [Fact]
    public void A_subscriber_starts_where_From_says()
    {
        using ConfigurationCase good = Case($$"""
            "a":{"Subscribe":"copy",{{Local}}},"b":{"Subscribe":"newest",{{Local}},"From":"end","Tag":7,"Stream":4294967295}
            """);

        IReadOnlyList<MulticastPlan> plans = good.Settings().Multicast;

        Assert.Equal([MulticastStart.Oldest, MulticastStart.Newest], plans.Select(plan => plan.Subscriber!.Start));
        Assert.Equal((7L, uint.MaxValue), (plans[1].Subscriber!.FlowControlTag, plans[1].Subscriber!.StreamId));
        Assert.All(plans,
            plan => Assert.Equal(("127.0.0.1:4711", PacketTransportKind.Auto), (plan.EndPoint.ToString(), plan.Channel.Transport)));
    }

    private static ConfigurationCase Case(string sections) =>
        new("{\"Estream\":{\"Queues\":{\"orders\":{\"Witness\":{\"KeyFile\":\"w.key\"}}},\"Multicast\":{" + sections + "}}}");
}
