using Estream.Core;

namespace Estream.Queue.Internal;

/// <summary>
/// Reclaims what dead writers left while this process has shared appenders, so that read-only readers can proceed too. Checks the locks of
/// the writers of other processes fifty times a second, and those of this process once a second. While no other process has a writer, the
/// thread only looks for one: five times a second for ten seconds, then once a second.
/// </summary>
internal sealed class MaintenanceThread : IDisposable
{
    private const int PeriodMs = 20;
    private const int AlonePeriodMs = 200;
    private const int OwnPeriodMs = 1_000;
    private const int QuietAfterMs = 10_000;

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
        int period = PeriodMs;
        int sinceOwn = 0;
        int alone = 0;
        while (!_stop.WaitOne(period))
        {
            sinceOwn += period;
            bool checksOwn = sinceOwn >= OwnPeriodMs;
            sinceOwn = checksOwn ? 0 : sinceOwn;
            try
            {
                _dead.TryClearUpAll(skipsOwn: !checksOwn);
            }
            catch (EstreamException)
            {
                // A damaged segment, or a temporary storage error: the next check may succeed, and readers report the damage.
            }

            alone = _dead.HasForeignWriters ? 0 : Math.Min(alone + period, QuietAfterMs);
            period = PeriodOf(alone);
        }
    }

    /// <summary>Returns the time in ms until the next check.</summary>
    /// <param name="aloneMs">The time in ms since another process last had a writer.</param>
    internal static int PeriodOf(int aloneMs) => aloneMs == 0 ? PeriodMs : aloneMs < QuietAfterMs ? AlonePeriodMs : OwnPeriodMs;
}
