using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.TestProcess;
using Estream.Testing;

namespace Estream.Streams.Tests;

/// <summary>Pipelines whose process is killed repeatedly: each event counts once.</summary>
public sealed class PipelineKillTests : IDisposable
{
    private static readonly int s_kills = LongRun.Count(5, 150);

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void After_crashes_each_event_counts_once()
    {
        KillLoop.RunAtWork("run", _directory.Path, s_kills, seed: 7, longestMs: 60);

        using SamplePipelines pipelines = new(_directory.Path);
        int messages = pipelines.Count;
        long[] left = pipelines.RunToEnd();
        Assert.All(left, count => Assert.True(count < messages, $"{count} of {messages} were left: nothing was done before the kills."));
        CheckAlerts(pipelines.Alerts, messages);
        Assert.Equal(SamplePipelines.Devices, pipelines.States.Count);
        for (int device = 0; device < SamplePipelines.Devices; device++)
        {
            (DeviceState all, double lastOdd) = Expected(device, messages);
            Utf8Key64 key = SamplePipelines.KeyOf(SamplePipelines.DeviceOf(device));
            Assert.True(pipelines.States.TryGet(in key, out Folded<DeviceState> state));
            Assert.Equal(all, state.State);
            Assert.True(pipelines.Latest.TryGet(in key, out double value));
            Assert.Equal(lastOdd, value);
        }
    }

    private static void CheckAlerts(EstreamQueue alerts, int messages)
    {
        using QueueTailer tailer = alerts.CreateTailer();
        var typed = new EsfTailer<IoTTelemetry.View>(tailer);
        for (int value = 1; value < messages; value += 2)
        {
            Assert.True(typed.TryRead(out EsfMessage<IoTTelemetry.View> alert), $"The alert of {value} is not there.");
            Assert.Equal(value, alert.View.Value);
        }

        Assert.False(typed.TryRead(out _));
    }

    private static (DeviceState All, double LastOdd) Expected(int device, int messages)
    {
        DeviceState all = default;
        double lastOdd = 0;
        for (int i = device; i < messages; i += SamplePipelines.Devices)
        {
            all = new DeviceState(all.Count + 1, all.Sum + i, i);
            lastOdd = SamplePipelines.IsOdd(i) ? i : lastOdd;
        }

        return (all, lastOdd);
    }
}
