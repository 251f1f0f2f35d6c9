using Estream.Queue;

namespace Estream.Simulation.Scenarios;

// Seeks in the queue, also after power cuts: before the queue is recovered and after.
internal sealed partial class DurableScenario
{
    private readonly bool _hasSeeks;

    // The times of a single appender never go back. The times of several appenders, and of the segments that they begin, follow the clock,
    // also when it is set back. The messages of such a segment may be in order although its start is not.
    private bool HasOrderedTimes => _mode == AppenderMode.Exclusive || !Machine.Clock.WasSetBack;

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
