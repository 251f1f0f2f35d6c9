using Estream.Core;
using Estream.Queue;
using Estream.Testing;

namespace Estream.Wire.Tests;

/// <summary>The time that an adapter takes to store messages.</summary>
public sealed class StoreTimeTests
{
    private const string Json = """{"timestamp":1,"value":1}""";
    private const long Milli = 1_000_000;

    [Fact]
    public void A_refused_message_is_not_measured()
    {
        using IngressRig rig = Rig(null);
        Assert.Equal(IngressStatus.DeadLettered, rig.Append("a/x", "not json"));
        Assert.Equal(IngressStatus.NotMapped, rig.Append("a/b/c/d", Json));
        Assert.Equal(0, CountOf(rig));
    }

    [Fact]
    public void A_message_is_measured_from_the_first_append_of_its_read_to_the_release()
    {
        using IngressRig rig = Rig(null);
        Append(rig);
        rig.Clock.Pass(TimeSpan.FromMilliseconds(3));
        Append(rig);
        Assert.Equal(0, CountOf(rig));
        rig.Writer.Release();
        Assert.Equal(2, CountOf(rig));
        Assert.InRange(Longest(rig), 3 * Milli, 4 * Milli);
        rig.Writer.Release();
        Assert.Equal(2, CountOf(rig));
    }

    [Fact]
    public async Task A_message_of_a_durable_queue_is_measured_until_its_flush()
    {
        using IngressRig rig = Rig(new QueueOptions { IngressDurability = Durability.GroupCommit(TimeSpan.Zero, 1) });
        Append(rig);
        rig.Writer.Release();
        rig.Clock.Pass(TimeSpan.FromMilliseconds(20));
        Append(rig);
        rig.Writer.Release();
        Assert.Equal(0, CountOf(rig));
        await rig.Writer.WaitDurableAsync();
        Assert.Equal(2, CountOf(rig));
        Assert.InRange(Longest(rig), 20 * Milli, 23 * Milli);
        await rig.Writer.WaitDurableAsync();
        Assert.Equal(2, CountOf(rig));
    }

    private static IngressRig Rig(QueueOptions? options) =>
        new(options, TopicMapping.Json("{device_id}/{metric_name}", Schemas.Iot, "data"));

    private static void Append(IngressRig rig) =>
        Assert.Equal(IngressStatus.Stored, rig.Writer.Append(new WireMessage("a/x"u8, System.Text.Encoding.UTF8.GetBytes(Json))));

    private static long CountOf(IngressRig rig) => Counts(rig).Sum();

    private static long Longest(IngressRig rig) =>
        LatencyHistogram.Percentile(Counts(rig), 1_000).Ticks * TimeSpan.NanosecondsPerTick;

    private static long[] Counts(IngressRig rig)
    {
        long[] counts = new long[LatencyHistogram.StepCount];
        rig.Context.StoreTimes.CopyTo(counts);
        return counts;
    }
}
