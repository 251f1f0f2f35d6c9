using Estream.Core;

namespace Estream.Scenarios.Workloads;

/// <summary>How far the reader of a hand-off is, by which its writer keeps within a window, as a program does that bounds its
/// memory.</summary>
internal sealed class Window
{
    private const int Backoff = 16;

    private readonly PaddedCounter _taken = new();

    /// <summary>The reader says how many more messages it has taken.</summary>
    public void Taken(long count) => _taken.AddUnsynchronized(count);

    /// <summary>The writer waits until it may have written so many, in all.</summary>
    public void WaitForRoom(long written)
    {
        while (written - _taken.Value > HandoffWorkload.Window)
        {
            Thread.SpinWait(Backoff);
        }
    }
}
