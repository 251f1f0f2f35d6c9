using Estream.Queue;

namespace Estream.Simulation.Scenarios;

// Seeks in the queue, also after power cuts: before the queue is recovered and after.
internal sealed partial class DurableScenario
{
    private readonly bool _hasSeeks;
    private readonly long _clockOffset;

    // The times of a single appender never go back. The times of several appenders follow the clock, also when it is set back.
    private bool HasOrderedTimes =>
        _mode == AppenderMode.Exclusive || Machine.Clock.UtcNanos - Machine.Clock.MonotonicNanos == _clockOffset;

    private void Seek()
    {
        if (Ensure())
        {
            Try(() =>
            {
                _model.CheckAll(ReadKept(_queue!));
                CheckSeeks(_queue!);
            });
        }
    }

    private void CheckSeeks(EstreamQueue queue)
    {
        if (_hasSeeks)
        {
            SeekCheck.Run(queue, Random, HasOrderedTimes);
        }
    }
}
