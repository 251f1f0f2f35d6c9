using System.Text;
using Estream.Core;
using Estream.Testing;

namespace Estream.Wire.Tests;

/// <summary>Goal: a paused adapter stores nothing, other adapters of the same queue do, and refused messages are counted by
/// reason.</summary>
public sealed class PausedAdapterTests
{
    private const string Json = """{"timestamp":17,"metric_name":"pressure","value":20.5}""";

    private readonly IngressControl _control = new();

    [Fact]
    public void A_paused_adapter_stores_neither_messages_nor_dead_letters_and_others_do()
    {
        using IngressRig rig = new(null, Mapping);
        IngressSinks part = rig.Sinks.For(static _ => true, _control);
        AdapterContext context = rig.Context with { Ingress = part };
        IngressRoutes routes = new([Mapping], part);
        using IngressWriter writer = new(routes, context, new AdapterEventLog("paused", SystemClock.Instance, rig.Events.Add));
        _control.Pause(PauseReason.Operator, new EstreamStorageException("Paused by an operator.", null, StorageFailure.Other));

        Assert.Equal(IngressStatus.Blocked, Append(writer, "devices/a/telemetry", Json));
        Assert.Equal(IngressStatus.Blocked, Append(writer, "devices/a/telemetry", "{}"));
        Assert.Equal(IngressStatus.Blocked, Append(writer, "elsewhere", Json));
        Assert.False(context.TryAppendDeadLetter(new WireMessage("t"u8, default), "why", "why"));
        Assert.Equal("Paused by an operator.", writer.Failure?.Message);
        Assert.Equal("Paused by an operator.", routes.Failure?.Message);
        Assert.Equal(IngressStatus.Stored, rig.Append("devices/b/telemetry", Json));
        Assert.Equal((1, 0), (rig.Sink.Messages, rig.Sinks.DeadLetters.Messages));

        _control.Resume(PauseReason.Operator);
        Assert.Null(routes.Failure);
        Assert.Equal(IngressStatus.Stored, Append(writer, "devices/a/telemetry", Json));
        Assert.Equal(2, rig.Sink.Messages);
    }

    [Fact]
    public void A_part_knows_the_queues_that_were_found()
    {
        using IngressRig rig = new();
        IngressSinks part = rig.Sinks.For(static name => name != "apart", _control);

        Assert.False(part.TryGet("apart", out _));
        Assert.False(part.TryGet("nowhere", out _));
        Assert.Empty(part.Found);
        Assert.True(part.TryGet("data", out _));
        Assert.Equal(["data"], part.Found);
    }

    [Fact]
    public void A_dead_letter_is_counted_by_its_reason_with_its_sequence_number()
    {
        using IngressRig rig = new(null, Mapping);
        rig.Writer.Peer = "pump-7";
        rig.Append("devices/a/telemetry", Json);
        rig.Append("devices/a/telemetry", """{"timestamp":17,"metric_name":"pressure","value":"much"}""");
        rig.Append("devices/a/telemetry", """{"value":"more","timestamp":17,"metric_name":"pressure"}""");
        rig.Clock.Pass(TimeSpan.FromSeconds(1));
        rig.Append("elsewhere", Json);

        IReadOnlyList<AdapterRejection> all = rig.Context.Rejections.ToList();

        Assert.Equal(2, all.Count);
        Assert.Equal(("no mapping covers this topic", 1, 2), (all[0].Reason, all[0].Count, all[0].LastSequence));
        Assert.Equal(("field 'value': expected a number", 2, 1), (all[1].Reason, all[1].Count, all[1].LastSequence));
        Assert.StartsWith("field 'value': expected a number (at byte ", all[1].Detail, StringComparison.Ordinal);
        Assert.EndsWith("(from pump-7)", all[1].Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Accepted_messages_of_an_adapter_that_can_be_paused_allocate_nothing()
    {
        using IngressRig rig = new(null, Mapping);
        IngressSinks part = rig.Sinks.For(static _ => true, _control);
        using IngressWriter writer = new(new IngressRoutes([Mapping], part), rig.Context with { Ingress = part },
            new AdapterEventLog("rig", SystemClock.Instance, rig.Events.Add));
        byte[] payload = Encoding.UTF8.GetBytes(Json);

        Assert.Equal(0, AllocationMeter.OnThisThread(1_000, () =>
        {
            writer.Append(new WireMessage("devices/a/telemetry"u8, payload));
            writer.Release();
        }));
    }

    private static TopicMapping Mapping => TopicMapping.Json("devices/{device_id}/telemetry", Schemas.Iot, "data");

    private static IngressStatus Append(IngressWriter writer, string topic, string payload)
    {
        IngressStatus status = writer.Append(new WireMessage(Encoding.UTF8.GetBytes(topic), Encoding.UTF8.GetBytes(payload)));
        writer.Release();
        return status;
    }
}
