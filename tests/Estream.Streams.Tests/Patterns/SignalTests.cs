using Estream.Core;
using Estream.Iot;
using Estream.Map;
using Estream.Streams.TestProcess.Patterns;
using Estream.Testing;

namespace Estream.Streams.Tests.Patterns;

/// <summary>Signals: readers get the newest value, complete, and cannot block the writer.</summary>
public sealed class SignalTests : IDisposable
{
    private const int MaxLength = SignalProgram.MaxLength;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Invalid_arguments_are_refused()
    {
        using VersionedByteMap map = VersionedByteMap.Open(_directory.Combine("map"));
        Assert.Throws<ArgumentNullException>(() => new EsfSignalWriter<IoTTelemetry.Writer>(null!, 100));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EsfSignalWriter<IoTTelemetry.Writer>(map, (16 << 20) + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new EsfSignalReader<IoTTelemetry.View>(map, 0));
        using VersionedByteMap readOnly = VersionedByteMap.OpenReadOnly(_directory.Combine("map"));
        Assert.Throws<InvalidOperationException>(() => new EsfSignalWriter<IoTTelemetry.Writer>(readOnly, 100));
        var signals = new EsfSignalWriter<IoTTelemetry.Writer>(map, MaxLength);
        Assert.Throws<ArgumentException>(() => signals.Set("k"u8, IoTTelemetry.Write(new byte[500])));
        var reader = new EsfSignalReader<IoTTelemetry.View>(readOnly, MaxLength);
        Assert.False(reader.TryRead("k"u8, out _));
        map.Put("k"u8, "no message"u8);
        Assert.Throws<EstreamFormatException>(() => reader.TryRead("k"u8, out _));
        map.Put("k"u8, new byte[MaxLength + 1]);
        Assert.Contains("this reader's maximum is 4096", Assert.Throws<EstreamFormatException>(() => reader.TryRead("k"u8, out _)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Reader_sees_only_the_newest_value()
    {
        using VersionedByteMap map = VersionedByteMap.CreateInMemory();
        var signals = new EsfSignalWriter<IoTTelemetry.Writer>(map, MaxLength);
        var reader = new EsfSignalReader<IoTTelemetry.View>(map, MaxLength);
        SignalProgram.Set(signals, 1);
        Assert.True(reader.TryRead("speed"u8, out EsfSignal<IoTTelemetry.View> first));
        Assert.Equal(1, first.View.Value);
        long seen = first.Version;
        Assert.False(reader.TryReadNewer("speed"u8, seen, out _));
        for (int number = 2; number <= 100; number++)
        {
            SignalProgram.Set(signals, number);
        }

        Assert.True(reader.TryReadNewer("speed"u8, seen, out EsfSignal<IoTTelemetry.View> newest));
        Assert.Equal(100, newest.View.Value);
        Assert.False(reader.TryReadNewer("speed"u8, newest.Version, out _));
        Assert.True(signals.Remove("speed"u8));
        Assert.False(reader.TryRead("speed"u8, out _));
    }

    [Fact]
    public async Task Wait_ends_with_a_newer_value_timeout_or_cancellation()
    {
        using VersionedByteMap map = VersionedByteMap.CreateInMemory();
        var signals = new EsfSignalWriter<IoTTelemetry.Writer>(map, MaxLength);
        var reader = new EsfSignalReader<IoTTelemetry.View>(map, MaxLength);
        Assert.False(reader.TryReadNewer("speed"u8, 0, out _, TimeSpan.FromMilliseconds(5)));
        Assert.Throws<ArgumentOutOfRangeException>(() => reader.TryReadNewer("speed"u8, 0, out _, TimeSpan.FromSeconds(-2)));
        Assert.Throws<OperationCanceledException>(() =>
            reader.TryReadNewer("speed"u8, 0, out _, Timeout.InfiniteTimeSpan, new CancellationToken(canceled: true)));
        Task<double> waiting = Task.Run(() =>
            reader.TryReadNewer("speed"u8, 0, out EsfSignal<IoTTelemetry.View> signal, ChildProcess.DefaultLimit) ? signal.View.Value : -1);
        SignalProgram.Set(signals, 7);
        Assert.Equal(7, await waiting);
    }

    [Fact]
    public void Setting_and_reading_allocate_nothing()
    {
        using VersionedByteMap map = VersionedByteMap.Open(_directory.Combine("map"));
        var signals = new EsfSignalWriter<IoTTelemetry.Writer>(map, MaxLength);
        var reader = new EsfSignalReader<IoTTelemetry.View>(map, MaxLength);
        double sum = 0;
        Assert.Equal(0, AllocationMeter.OnThisThread(200, () =>
        {
            IoTTelemetry.Writer writer = signals.Begin();
            writer.DeviceId = "pump-7"u8;
            writer.MetricName = "flow"u8;
            writer.Value = 0.5;
            long version = signals.Set("speed"u8, in writer);
            sum += reader.TryReadNewer("speed"u8, version - 1, out EsfSignal<IoTTelemetry.View> signal) ? signal.View.Value : double.NaN;
        }));
        Assert.True(sum >= 100);
    }

    /// <summary>Readers in other processes map the files read-only: there is no byte by which they could affect the writer.</summary>
    [Fact]
    public void Values_are_complete_and_increasing_while_another_process_sets_them_and_after_it_is_killed()
    {
        string program = BuiltProgram.Find("tests/Estream.Streams.TestProcess", "Estream.Streams.TestProcess.dll");
        long last = 0;
        for (int kill = 0; kill < LongRun.Count(3, 100); kill++)
        {
            using ChildProcess child = ChildProcess.StartDotnet(program, ["signal", _directory.Combine("map")]);
            child.WaitForText("running");
            using VersionedByteMap map = VersionedByteMap.OpenReadOnly(_directory.Combine("map"));
            var reader = new EsfSignalReader<IoTTelemetry.View>(map, MaxLength);
            long seen = 0;
            for (int read = 0; read < 2_000; read++)
            {
                Assert.True(reader.TryReadNewer("speed"u8, seen, out EsfSignal<IoTTelemetry.View> signal, ChildProcess.DefaultLimit));
                Assert.True(SignalProgram.IsWhole(signal.View), $"A torn value: {signal.View.ToString()}");
                Assert.True(signal.View.Timestamp > last, $"{signal.View.Timestamp} came behind {last}.");
                (last, seen) = (signal.View.Timestamp, signal.Version);
            }

            child.Kill();
            Assert.True(reader.TryRead("speed"u8, out EsfSignal<IoTTelemetry.View> left));
            Assert.True(SignalProgram.IsWhole(left.View) && left.View.Timestamp >= last);
            last = left.View.Timestamp;
        }
    }

    [Fact]
    public void Stopped_reader_does_not_block_the_writer()
    {
        using VersionedByteMap map = VersionedByteMap.Open(_directory.Combine("map"), new ByteMapOptions { SegmentBytes = 1 << 20 });
        var signals = new EsfSignalWriter<IoTTelemetry.Writer>(map, MaxLength);
        SignalProgram.Set(signals, 1);
        using VersionedByteMap other = VersionedByteMap.OpenReadOnly(_directory.Combine("map"));
        VersionedByteMap.Enumerator stopped = other.GetEnumerator();
        Assert.True(stopped.MoveNext());
        for (int number = 2; number <= 50_000; number++)
        {
            SignalProgram.Set(signals, number);
        }

        // About 12 MiB went through a map of segments of 1 MiB: their space was reused although the reader was enumerating.
        Assert.InRange(map.GetStatistics().HeapBytes, 1, 8 << 20);
        Assert.True(new EsfSignalReader<IoTTelemetry.View>(other, MaxLength).TryRead("speed"u8, out EsfSignal<IoTTelemetry.View> newest));
        Assert.Equal(50_000, newest.View.Value);
        stopped.Dispose();
    }
}
