using Estream.Core;
using Estream.Queue;
using Estream.Simulation.Machine;

namespace Estream.Simulation.Scenarios;

/// <summary>A process that reads a queue and never writes: it reads the appended messages and survives the writer.</summary>
internal sealed class QueueFollower
{
    private readonly QueueModel _model;
    private readonly EstreamQueue _queue;
    private readonly QueueTailer _tailer;
    private int _next = -1;
    private long _time;

    public QueueFollower(SimulatedMachine machine, string directory, QueueModel model)
    {
        _model = model;
        _queue = EstreamQueue.OpenReadOnly(directory, new QueueOptions { Storage = machine.Start(), Clock = machine.Clock });
        _tailer = _queue.CreateTailer();
    }

    public void ReadToEnd()
    {
        while (_tailer.TryRead(out QueueMessage message))
        {
            _next = _next < 0 ? (int)message.Sequence : _next;
            _model.CheckNext(isThere: true, message, _next);
            Check.That(message.Time >= _time || _model.WasCut, $"message {_next} is older than its predecessor");
            _time = message.Time;
            _next++;
        }

        _next = _next < 0 && _queue.GetInfo() is { MessageCount: 0 } info ? (int)info.NextSequence : _next;
        Check.That(_next == _model.Count, $"the follower got to message {_next} of {_model.Count}");
    }

    /// <summary>Checks that retention has kept the given number of segments, and every message that the slowest reader has not
    /// read.</summary>
    public void CheckRetention(int retainedSegments, bool goesByAge, int segmentBytes, int cursor)
    {
        QueueInfo info = _queue.GetInfo();
        Check.That(info.FirstSequence == _model.FirstKept || retainedSegments > 0 || goesByAge,
            $"messages before {info.FirstSequence} were given up");
        Check.That(info.FirstSequence == _model.FirstKept || goesByAge || info.SegmentCount >= retainedSegments,
            $"{info.SegmentCount} segments are left of {retainedSegments} to keep");
        Check.That(
            info.FirstSequence == _model.FirstKept || cursor < 0 || cursor >= _model.Count
                || _model.PositionOf(cursor) / segmentBytes >= info.FirstPosition / segmentBytes,
            $"message {cursor} was given up, which the named reader has not had");
    }

    public void Close() => _queue.Dispose();
}
