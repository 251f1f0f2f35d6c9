using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Reclaims what dead writers left while this process has shared appenders, so that read-only readers can proceed too. Checks the lock of
/// every writer of another process fifty times a second, and those of this process once a second.
/// </summary>
internal sealed class MaintenanceThread : IDisposable
{
    private const int PeriodMs = 20;
    private const int RoundsPerOwnCheck = 50;

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
        for (int round = 1; !_stop.WaitOne(PeriodMs); round++)
        {
            try
            {
                _dead.TryClearUpAll(skipsOwn: round % RoundsPerOwnCheck != 0);
            }
            catch (EstreamException)
            {
                // A damaged segment, or a temporary storage error: the next check may succeed, and readers report the damage.
            }
        }
    }
}
