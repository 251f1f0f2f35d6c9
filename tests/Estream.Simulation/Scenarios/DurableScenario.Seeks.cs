using Estream.Queue;

namespace Estream.Simulation.Scenarios;

// Seeks, also behind power cuts: before anybody has recovered the queue and after.
internal sealed partial class DurableScenario
{
    private readonly bool _hasSeeks;
    private readonly long _clockOffset;

    // Where several append, times follow the clock, also back when it is set; who appends alone never goes back.
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
