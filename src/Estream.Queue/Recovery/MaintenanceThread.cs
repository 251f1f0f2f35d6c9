using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Clears up after dead writers while this process has shared appenders, so that readers that may not write get on as well: a look at
/// every other writer's lock fifty times a second.
/// </summary>
internal sealed class MaintenanceThread : IDisposable
{
    private const int PeriodMs = 20;

    private readonly DeadWriterReclaimer _dead;
    private readonly ManualResetEvent _stop = new(false);
    private readonly Thread _thread;

    public MaintenanceThread(DeadWriterReclaimer dead)
    {
        _dead = dead;
        _thread = new Thread(Run) { IsBackground = true, Name = "estream-queue-caretaker" };
        _thread.Start();
    }

    public void Dispose()
    {
        _stop.Set();
        _thread.Join();
        _stop.Dispose();
    }

    private void Run()
    {
        while (!_stop.WaitOne(PeriodMs))
        {
            try
            {
                _dead.TryClearUpAll();
            }
            catch (EstreamException)
            {
                // A damaged segment, or storage that refuses for now: the next look may fare better, and readers hear of the damage.
            }
        }
    }
}
