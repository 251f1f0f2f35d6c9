using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.Tests;

public class AdapterTests
{
    [Fact]
    public void Registry_finds_types_and_names_them_when_a_type_is_unknown()
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
    public void AdapterPlace_opens_the_queues_of_the_adapter_in_its_folder()
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
    public void Flood_of_events_is_limited_and_reported()
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
    public void Long_event_detail_is_truncated()
    {
        List<AdapterEvent> events = [];
        AdapterEventLog log = new("x", new ManualClock(), events.Add);

        log.Report(AdapterEventKind.ConnectionFailed, new string('a', 65_535));

        Assert.InRange(Assert.Single(events).Detail.Length, 1_000, 2_100);
        Assert.EndsWith("(65535 characters)", events[0].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void EsfMessage_has_the_schema_of_its_bytes()
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
