using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Streams.TestProcess;
using Estream.Testing;

namespace Estream.Streams.Tests;

/// <summary>Pipelines whose process is killed again and again: each event counts once.</summary>
public sealed class PipelineKillTests : IDisposable
{
    private const int Devices = 97;
    private const int MessagesPerKill = 30_000;

    private static readonly int s_kills = LongRun.Count(10, 150);

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void After_kills_at_any_moment_each_event_has_counted_once()
    {
        int messages = s_kills * MessagesPerKill;
        Fill(messages);
        KillLoop.Run("run", _directory.Path, s_kills, seed: 7, longestMs: 120);

        using SamplePipelines pipelines = new(_directory.Path);
        long[] left = pipelines.RunToEnd();
        Assert.All(left, count => Assert.True(count < messages, $"{count} of {messages} were left: nothing was done before the kills."));
        CheckAlerts(pipelines.Alerts, messages);
        Assert.Equal(Devices, pipelines.States.Count);
        for (int device = 0; device < Devices; device++)
        {
            (DeviceState all, double lastOdd) = Expected(device, messages);
            Utf8Key64 key = SamplePipelines.KeyOf(System.Text.Encoding.UTF8.GetBytes($"device-{device}"));
            Assert.True(pipelines.States.TryGet(in key, out Folded<DeviceState> state));
            Assert.Equal(all, state.State);
            Assert.True(pipelines.Latest.TryGet(in key, out double value));
            Assert.Equal(lastOdd, value);
        }
    }

    private void Fill(int messages)
    {
        using EstreamQueue readings = EstreamQueue.Open(SamplePipelines.ReadingsOf(_directory.Path), SamplePipelines.Options);
        using QueueAppender appender = readings.CreateAppender(AppenderMode.Exclusive);
        var typed = new EsfAppender<IoTTelemetry.Writer>(appender);
        for (int i = 0; i < messages; i++)
        {
            using EsfClaim<IoTTelemetry.Writer> claim = typed.Claim(200);
            IoTTelemetry.Writer writer = claim.Begin();
            writer.DeviceId = System.Text.Encoding.UTF8.GetBytes($"device-{i % Devices}");
            writer.MetricName = "count"u8;
            writer.Value = i;
            claim.Commit(writer);
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
        for (int i = device; i < messages; i += Devices)
        {
            all = new DeviceState(all.Count + 1, all.Sum + i, i);
            lastOdd = SamplePipelines.IsOdd(i) ? i : lastOdd;
        }

        return (all, lastOdd);
    }
}
