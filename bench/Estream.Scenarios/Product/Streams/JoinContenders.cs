using Estream.Iot;
using Estream.Map;
using Estream.Queue;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Estream.Streams;

namespace Estream.Scenarios.Product;

/// <summary>The common part of both rows of joins: readings, and a queue of set points with one set point per ten readings of a
/// device.</summary>
internal abstract class JoinContenderBase : OperatorsContender
{
    private readonly IDisposable _holder;

    protected JoinContenderBase(ContenderContext context)
        : base(context)
    {
        SetPoints = EstreamQueue.Open(Path.Combine(context.Directory, "set-points"));
        using QueueAppender appender = SetPoints.CreateAppender(AppenderMode.Exclusive);
        var typed = new EsfAppender<IoTTelemetry.Writer>(appender);
        SetPointCount = new OperatorsWorkload(context.Size).Readings / OperatorsWorkload.ReadingsPerSetPoint;
        for (long i = 0; i < SetPointCount; i++)
        {
            using EsfClaim<IoTTelemetry.Writer> claim = typed.Claim(200);
            IoTTelemetry.Writer writer = claim.Begin();
            writer.DeviceId = DeviceName(i % OperatorsWorkload.Devices);
            writer.Timestamp = OperatorsWorkload.SetPointTimeOf(i);
            writer.MetricName = "set"u8;
            writer.Value = i % 50;
            claim.Commit(writer);
        }

        _holder = Holder.Start(HeldStorage.Queue, SetPoints.Directory);
    }

    protected EstreamQueue SetPoints { get; }

    protected long SetPointCount { get; }

    public override void Dispose()
    {
        _holder.Dispose();
        SetPoints.Dispose();
        base.Dispose();
    }

    protected static TimedReading Timed(scoped in IoTTelemetry.View reading) =>
        new(DeviceOf(in reading), reading.Timestamp, (ulong)reading.Value);

    protected static ulong SlotOf(long time) => (ulong)time % OperatorsWorkload.JoinSlots;
}

/// <summary>The <c>estream</c> row: a pipeline that keeps waiting events and its positions in both queues in a map of files.</summary>
internal sealed class JoinContender : JoinContenderBase
{
    private readonly StateMap<long, Windowed<ulong, Joined<TimedReading, TimedReading>>> _state;
    private readonly IDisposable _stateHolder;
    private readonly EsfPipeline _pipeline;

    public JoinContender(ContenderContext context)
        : base(context)
    {
        _state = StateMap.Open<long, Windowed<ulong, Joined<TimedReading, TimedReading>>>(Path.Combine(context.Directory, "join"));
        _stateHolder = Holder.Start(HeldStorage.JoinMap, _state.Directory!);
        EsfStream<TimedReading> setPoints = EsfStream.From<IoTTelemetry.View>(SetPoints).Select(Timed);
        _pipeline = EsfStream.From<IoTTelemetry.View>(Queue).Select(Timed)
            .Join(setPoints, OperatorsWorkload.JoinDistance, TimeOf, TimeOf, Watermark.Monotonous())
            .Inner("join", _state, KeyOf, KeyOf)
            .Materialize(
                Map,
                (scoped in JoinResult<TimedReading, TimedReading> pair) => SlotOf(pair.Left.Time),
                (scoped in JoinResult<TimedReading, TimedReading> pair) =>
                    OperatorsWorkload.ResultOf(pair.Left.Time, pair.Left.Value + pair.Right.Value));
    }

    public override void Dispose()
    {
        _pipeline.Dispose();
        _stateHolder.Dispose();
        _state.Dispose();
        base.Dispose();
    }

    protected override void StartOver() => _pipeline.StartOver();

    protected override long TakeAll() => _pipeline.RunToEnd() - SetPointCount;

    private static long TimeOf(scoped in TimedReading reading) => reading.Time;

    private static ulong KeyOf(scoped in TimedReading reading) => reading.Device;
}

/// <summary>A hand-written join for ordered queues and set points at known times: an array has the last few set points of each
/// device.</summary>
internal sealed class HandWrittenJoinContender : JoinContenderBase
{
    private const int BatchReadings = 4_096;
    private const int KeptSetPoints = 4;

    private readonly QueueTailer _tailer;
    private readonly QueueTailer _setPointTailer;
    private readonly Dictionary<ulong, int> _devices = [];
    private readonly TimedReading[] _kept = new TimedReading[OperatorsWorkload.Devices * KeptSetPoints];
    private readonly int[] _keptCount = new int[OperatorsWorkload.Devices];
    private long _newestSetPoint;

    public HandWrittenJoinContender(ContenderContext context)
        : base(context)
    {
        _tailer = Queue.CreateTailer();
        _setPointTailer = SetPoints.CreateTailer();
    }

    public override void Dispose()
    {
        _setPointTailer.Dispose();
        _tailer.Dispose();
        base.Dispose();
    }

    protected override void StartOver()
    {
        Map.Clear();
        _devices.Clear();
        Array.Fill(_kept, new TimedReading(0, long.MinValue / 2, 0));
        Array.Clear(_keptCount);
        _newestSetPoint = long.MinValue / 2;
        _tailer.SeekToStart();
        _setPointTailer.SeekToStart();
    }

    protected override long TakeAll() => UntilNothingIsLeft(TakeSome);

    // A separate method, called often enough to reach the JIT's last tier.
    private int TakeSome()
    {
        long within = OperatorsWorkload.JoinDistance.Ticks * TimeSpan.NanosecondsPerTick;
        int count = 0;
        while (count < BatchReadings && _tailer.TryRead(out QueueMessage message))
        {
            count++;
            if (IoTTelemetry.View.TryOf(message.Payload, out IoTTelemetry.View view))
            {
                TimedReading reading = Timed(in view);
                while (_newestSetPoint <= reading.Time + within && TakeSetPoint())
                {
                }

                foreach (TimedReading setPoint in _kept.AsSpan(PlaceOf(reading.Device) * KeptSetPoints, KeptSetPoints))
                {
                    if (Math.Abs(setPoint.Time - reading.Time) <= within)
                    {
                        Map.Put(SlotOf(reading.Time), OperatorsWorkload.ResultOf(reading.Time, reading.Value + setPoint.Value));
                    }
                }
            }
        }

        return count;
    }

    private bool TakeSetPoint()
    {
        if (!_setPointTailer.TryRead(out QueueMessage message))
        {
            return false;
        }

        TimedReading setPoint = Timed(IoTTelemetry.View.Of(message.Payload));
        int device = PlaceOf(setPoint.Device);
        _kept[(device * KeptSetPoints) + (_keptCount[device]++ % KeptSetPoints)] = setPoint;
        _newestSetPoint = setPoint.Time;
        return true;
    }

    private int PlaceOf(ulong device)
    {
        if (!_devices.TryGetValue(device, out int place))
        {
            place = _devices.Count;
            _devices.Add(device, place);
        }

        return place;
    }
}
