using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.TestProcess;

namespace Estream.Streams.Tests.Windows;

/// <summary>Lookups of events in a map.</summary>
public sealed class LookupTests : WindowCase
{
    [Fact]
    public void Invalid_arguments_throw()
    {
        using StateMap<long, long> limits = StateMap.CreateInMemory<long, long>();
        Assert.Equal("map",
            Assert.Throws<ArgumentNullException>(() => Readings.Join((StateMap<long, long>)null!, Beat.KeyOf, Sum)).ParamName);
        Assert.Equal("map",
            Assert.Throws<ArgumentNullException>(() =>
                Readings.LeftJoin((VersionedMap<long, long>)null!, Beat.KeyOf, SumOrNone)).ParamName);
        Assert.Equal("key", Assert.Throws<ArgumentNullException>(() => Readings.Join(limits, null!, Sum)).ParamName);
        Assert.Equal("join",
            Assert.Throws<ArgumentNullException>(() => Readings.LeftJoin<long, long, long>(limits, Beat.KeyOf, null!)).ParamName);
    }

    [Fact]
    public void Inner_lookup_drops_unmatched_events_and_left_lookup_keeps_them()
    {
        using StateMap<long, long> limits = StateMap.CreateInMemory<long, long>();
        using EstreamQueue inner = Open("inner");
        using EstreamQueue outer = Open("outer");
        limits.Put(1, 100);
        Append(new Beat(1, 0, 5), new Beat(2, 0, 6), new Beat(1, 0, 7));
        using EsfPipeline joined = Readings.Join(limits, Beat.KeyOf, Sum).AppendTo<IoTTelemetry.Writer>("inner", inner, 200, Write);
        using EsfPipeline left = Readings.LeftJoin(limits, Beat.KeyOf, SumOrNone).AppendTo<IoTTelemetry.Writer>("outer", outer, 200, Write);
        Assert.Equal((3, 3), (joined.RunToEnd(), left.RunToEnd()));
        Assert.Equal([105L, 107], Beat.All(inner).Select(beat => beat.Value));
        Assert.Equal([105L, -6, 107], Beat.All(outer).Select(beat => beat.Value));
        limits.Put(2, 1_000);
        Append(new Beat(2, 0, 8));
        Assert.Equal((1, 1), (joined.RunToEnd(), left.RunToEnd()));
        Assert.Equal([105L, 107, 1_008], Beat.All(inner).Select(beat => beat.Value));
    }

    [Fact]
    public void Lookups_work_with_versioned_maps()
    {
        using VersionedMap<long, long> limits = VersionedMap.CreateInMemory<long, long>();
        using StateMap<long, long> newest = StateMap.CreateInMemory<long, long>();
        limits.Put(1, 100);
        Append(new Beat(1, 0, 5), new Beat(2, 0, 6));
        using EsfPipeline joined = Readings.LeftJoin(limits, Beat.KeyOf, SumOrNone).Where((scoped in long sum) => sum > 0)
            .Materialize("newest", newest, (scoped in long _) => 0L, (scoped in long sum) => sum);
        using EsfPipeline inner = Readings.Join(limits, Beat.KeyOf, Sum)
            .Materialize("inner", newest, (scoped in long _) => 0L, (scoped in long sum) => sum);
        joined.RunToEnd();
        Assert.Equal(105, newest.TryGet(0, out long sum) ? sum : -1);
    }

    private static long Sum(scoped in IoTTelemetry.View reading, in long limit) => (long)reading.Value + limit;

    private static long SumOrNone(scoped in IoTTelemetry.View reading, bool isThere, in long limit) => isThere
        ? (long)reading.Value + limit
        : -(long)reading.Value;

    private static void Write(scoped in long value, ref IoTTelemetry.Writer writer) => new Beat(0, 0, value).Write(ref writer);
}
