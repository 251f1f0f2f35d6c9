using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Estream.Streams;

namespace Estream.Scenarios.Product;

/// <summary>The common part of both rows of `operators`: the filled queue, the map, and the result for a reading.</summary>
internal abstract class OperatorsContender : IContender
{
    private static readonly byte[][] s_devices =
        [.. Enumerable.Range(0, OperatorsWorkload.Devices)
            .Select(i => Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"pump-{i:000}")))];

    private readonly long _readings;
    private readonly IDisposable _queueHolder;
    private readonly IDisposable _mapHolder;

    protected OperatorsContender(ContenderContext context)
    {
        _readings = new OperatorsWorkload(context.Size).Readings;
        Queue = EstreamQueue.Open(Path.Combine(context.Directory, "readings"));
        Map = StateMap.Open<ulong, ulong>(Path.Combine(context.Directory, "latest"));
        using QueueAppender appender = Queue.CreateAppender(AppenderMode.Exclusive);
        var typed = new EsfAppender<IoTTelemetry.Writer>(appender);
        for (long i = 0; i < _readings; i++)
        {
            using EsfClaim<IoTTelemetry.Writer> claim = typed.Claim(200);
            IoTTelemetry.Writer writer = claim.Begin();
            writer.DeviceId = DeviceName(i % OperatorsWorkload.Devices);
            writer.Timestamp = i;
            writer.MetricName = "flow"u8;
            writer.Value = OperatorsWorkload.ValueOf(i);
            claim.Commit(writer);
        }

        _queueHolder = Holder.Start(HeldStorage.Queue, Queue.Directory);
        _mapHolder = Holder.Start(HeldStorage.Map, Map.Directory!);
    }

    protected EstreamQueue Queue { get; }

    protected StateMap<ulong, ulong> Map { get; }

    public RunResult Run()
    {
        StartOver();
        RoundTimer timer = RoundTimer.Start();
        long taken = TakeAll();
        RunResult result = timer.Stop(_readings);
        return taken == _readings
            ? result with { Check = Sum() }
            : throw new ScenarioException($"{taken} of {_readings} readings were processed");
    }

    public virtual void Dispose()
    {
        _mapHolder.Dispose();
        _queueHolder.Dispose();
        Map.Dispose();
        Queue.Dispose();
    }

    /// <summary>Not timed: empties the map and goes back to the first reading.</summary>
    protected abstract void StartOver();

    protected abstract long TakeAll();

    protected static long UntilNothingIsLeft(Func<int> takeSome)
    {
        long taken = 0;
        int some;
        do
        {
            some = takeSome();
            taken += some;
        }
        while (some > 0);

        return taken;
    }

    protected static bool IsMeant(scoped in IoTTelemetry.View reading) => reading.Value >= OperatorsWorkload.LeastValue;

    protected static byte[] DeviceName(long device) => s_devices[device];

    protected static ulong DeviceOf(scoped in IoTTelemetry.View reading) => BinaryPrimitives.ReadUInt64LittleEndian(reading.DeviceId);

    protected static DeviceReading Transformed(scoped in IoTTelemetry.View reading) =>
        new(DeviceOf(in reading), BitConverter.DoubleToUInt64Bits(reading.Value) ^ (ulong)reading.Timestamp);

    /// <summary>Returns the value that the rows must agree on.</summary>
    protected virtual ulong Sum()
    {
        ulong sum = 0;
        foreach (KeyValuePair<ulong, ulong> entry in Map)
        {
            sum += entry.Key ^ entry.Value;
        }

        return sum;
    }
}

/// <summary>The <c>estream</c> row, and both rows of `circuit-metering`: a pipeline, which stores its position at every reading.</summary>
internal sealed class PipelineContender : OperatorsContender
{
    private readonly EsfPipeline _pipeline;

    public PipelineContender(ContenderContext context, bool isMetered = false)
        : base(context)
    {
        _pipeline = EsfStream.From<IoTTelemetry.View>(Queue)
            .Where(IsMeant)
            .Select(Transformed)
            .Materialize("latest", Map, (scoped in DeviceReading reading) => reading.Device,
                (scoped in DeviceReading reading) => reading.Latest);
        _pipeline.IsCpuMetered = isMetered;
    }

    public override void Dispose()
    {
        _pipeline.Dispose();
        base.Dispose();
    }

    protected override void StartOver() => _pipeline.StartOver();

    protected override long TakeAll() => _pipeline.RunToEnd();
}

/// <summary>A hand-written loop over an unnamed tailer, which stores no position.</summary>
internal sealed class HandWrittenOperatorsContender : OperatorsContender
{
    private const int BatchReadings = 4_096;

    private readonly QueueTailer _tailer;

    public HandWrittenOperatorsContender(ContenderContext context)
        : base(context)
    {
        _tailer = Queue.CreateTailer();
    }

    public override void Dispose()
    {
        _tailer.Dispose();
        base.Dispose();
    }

    protected override void StartOver()
    {
        Map.Clear();
        _tailer.SeekToStart();
    }

    protected override long TakeAll() => UntilNothingIsLeft(TakeSome);

    // A separate method, called often enough to reach the JIT's last tier.
    private int TakeSome()
    {
        int count = 0;
        while (count < BatchReadings && _tailer.TryRead(out QueueMessage message))
        {
            count++;
            if (IoTTelemetry.View.TryOf(message.Payload, out IoTTelemetry.View reading) && IsMeant(in reading))
            {
                DeviceReading transformed = Transformed(in reading);
                ulong latest = transformed.Latest;
                ulong device = transformed.Device;
                Map.Put(in device, in latest);
            }
        }

        return count;
    }
}
