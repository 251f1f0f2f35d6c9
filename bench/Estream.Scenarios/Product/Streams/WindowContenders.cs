using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Estream.Streams;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of windows: a pipeline, which keeps its open windows and its position in a map of files.</summary>
internal sealed class WindowContender : OperatorsContender
{
    private readonly StateMap<long, Windowed<ulong, ulong>> _state;
    private readonly IDisposable _stateHolder;
    private readonly EsfPipeline _pipeline;

    public WindowContender(ContenderContext context)
        : base(context)
    {
        _state = StateMap.Open<long, Windowed<ulong, ulong>>(Path.Combine(context.Directory, "windows"));
        _stateHolder = Holder.Start(HeldStorage.WindowMap, _state.Directory!);
        _pipeline = EsfStream.From<IoTTelemetry.View>(Queue)
            .Window(Streams.Windows.Tumbling(OperatorsWorkload.WindowSize), (scoped in IoTTelemetry.View reading) => reading.Timestamp,
                Watermark.Monotonous())
            .Aggregate("windows", _state, (scoped in IoTTelemetry.View reading) => DeviceOf(in reading),
                (ref ulong sum, scoped in IoTTelemetry.View reading) => sum += (ulong)reading.Value)
            .Materialize(Map, (scoped in WindowResult<ulong, ulong> result) => result.Key,
                (scoped in WindowResult<ulong, ulong> result) => OperatorsWorkload.ResultOf(result.Start, result.State));
    }

    public override void Dispose()
    {
        _pipeline.Dispose();
        _stateHolder.Dispose();
        _state.Dispose();
        base.Dispose();
    }

    protected override void StartOver() => _pipeline.StartOver();

    protected override long TakeAll() => _pipeline.RunToEnd();
}

/// <summary>A hand-written loop for ordered readings: the open window of each device is in a dictionary, and nothing is
/// persistent.</summary>
internal sealed class HandWrittenWindowContender : OperatorsContender
{
    private const int BatchReadings = 4_096;

    private readonly QueueTailer _tailer;
    private readonly Dictionary<ulong, (long Start, ulong Sum)> _open = [];

    public HandWrittenWindowContender(ContenderContext context)
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
        _open.Clear();
        _tailer.SeekToStart();
    }

    protected override long TakeAll() => UntilNothingIsLeft(TakeSome);

    // A separate method, called often enough to reach the JIT's last tier.
    private int TakeSome()
    {
        long size = OperatorsWorkload.WindowSize.Ticks * TimeSpan.NanosecondsPerTick;
        int count = 0;
        while (count < BatchReadings && _tailer.TryRead(out QueueMessage message))
        {
            count++;
            if (IoTTelemetry.View.TryOf(message.Payload, out IoTTelemetry.View reading))
            {
                ulong device = DeviceOf(in reading);
                long start = reading.Timestamp / size * size;
                ref (long Start, ulong Sum) open = ref CollectionsMarshal.GetValueRefOrAddDefault(_open, device, out bool isOpen);
                if (isOpen && open.Start != start)
                {
                    Map.Put(device, OperatorsWorkload.ResultOf(open.Start, open.Sum));
                    open.Sum = 0;
                }

                open = (start, open.Sum + (ulong)reading.Value);
            }
        }

        return count;
    }
}
