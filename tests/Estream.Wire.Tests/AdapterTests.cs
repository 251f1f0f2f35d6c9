using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.Tests;

public class AdapterTests
{
    [Fact]
    public void A_registry_finds_types_and_names_them_when_asked_for_another()
    {
        using IngressRig rig = new();
        AdapterRegistry registry = new AdapterRegistry().Register(new Factory("b")).Register(new Factory("a"));

        Assert.Equal(["a", "b"], registry.Descriptors.Select(descriptor => descriptor.Type));
        Assert.True(registry.TryGet("A", out _));
        Assert.Throws<ArgumentException>(() => registry.Register(new Factory("A")));
        WireConfigurationException failure = Assert.Throws<WireConfigurationException>(
            () => registry.Create(rig.Context, new WireSettings("Estream:Adapters:x", [new("Type", "c")])));
        Assert.Equal("Estream:Adapters:x:Type: 'c' is not an adapter type; accepted: a, b.", failure.Message);
    }

    [Fact]
    public void A_place_holds_queues_of_the_adapter_s_own()
    {
        using TempDirectory folder = new();
        AdapterPlace place = new(folder.Combine("adapters", "x"), new QueueOptions { Checksum = FrameChecksum.None });
        using (EstreamQueue queue = place.OpenQueue("journal", place.Queues with { SegmentBytes = 64 * 1024 }))
        {
            using QueueAppender appender = queue.CreateAppender();
            appender.Append("a"u8);
            Assert.Equal(64 * 1024, queue.SegmentBytes);
        }

        using EstreamQueue again = EstreamQueue.OpenReadOnly(folder.Combine("adapters", "x", "journal"));
        using QueueTailer tailer = again.CreateTailer();
        Assert.True(tailer.TryRead(out QueueMessage message));
        Assert.Equal("a"u8, message.Payload);
    }

    [Fact]
    public void A_flood_of_events_is_cut_and_says_so()
    {
        ManualClock clock = new();
        List<AdapterEvent> events = [];
        AdapterEventLog log = new("x", clock, events.Add);

        for (int number = 0; number < 100; number++)
        {
            log.Report(AdapterEventKind.ProtocolViolation, "bad packet");
        }

        log.Report(AdapterEventKind.Connected, "another kind");
        Assert.Equal(21, events.Count);
        clock.Pass(TimeSpan.FromSeconds(1));
        log.Report(AdapterEventKind.ProtocolViolation, "bad packet");

        Assert.Equal("bad packet (80 more events like this were not logged)", events[^1].Detail);
        Assert.All(events, happened => Assert.Equal("x", happened.Adapter));
    }

    [Fact]
    public void What_a_peer_calls_itself_cannot_fill_a_log()
    {
        List<AdapterEvent> events = [];
        AdapterEventLog log = new("x", new ManualClock(), events.Add);

        log.Report(AdapterEventKind.ConnectionFailed, new string('a', 65_535));

        Assert.InRange(Assert.Single(events).Detail.Length, 1_000, 2_100);
        Assert.EndsWith("(65535 characters)", events[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void An_ESF_message_knows_its_schema()
    {
        byte[] bytes = new byte[64];
        Assert.True(Esf.EsfJson.TryEncode(Schemas.Get("Flag"), """{"on":true}"""u8, bytes, out int length).IsOk);

        Assert.True(EsfMessage.TryCreate(Schemas.Set, bytes.AsSpan(0, length), out EsfMessage message));
        Assert.Equal("test.Flag", message.Schema.QualifiedName);
        Assert.False(EsfMessage.TryCreate(Schemas.Set, bytes.AsSpan(0, 3), out _));
        Assert.False(EsfMessage.TryCreate(Esf.EsfSchemaSet.Empty, bytes.AsSpan(0, length), out _));
    }

    private sealed class Factory(string type) : IWireAdapterFactory
    {
        public AdapterDescriptor Descriptor { get; } = new(type, "Test 1", ProtocolFamily.Industrial, ["TCP"], false, false, "For tests.");

        public void Check(string name, Esf.EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
        {
        }

        public IWireAdapter Create(AdapterContext context, WireSettings settings)
        {
            throw new NotSupportedException();
        }
    }
}
