namespace Estream.Cli.Output;

/// <summary>Shows on a terminal that a command works for more than a second: the work and the elapsed time, in one line of standard error
/// that disappears at the end. Dispose it before other output.</summary>
internal sealed class ProgressLine : IDisposable
{
    private const string Erase = "\r\e[K";

    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly TextWriter _error;
    private readonly string _work;
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly ITimer _timer;
    private bool _isShown;
    private bool _isDisposed;

    private ProgressLine(CliContext context, string work)
    {
        (_error, _work, _time) = (context.Error, work, context.Time);
        _start = _time.GetTimestamp();
        _timer = _time.CreateTimer(static line => ((ProgressLine)line!).Show(), this, s_interval, s_interval);
    }

    /// <summary>Starts the display; null if standard error is not a terminal.</summary>
    /// <param name="context">The environment.</param>
    /// <param name="work">What the command does, such as <c>verifying telemetry</c>.</param>
    public static ProgressLine? Start(CliContext context, string work) => context.IsErrorTerminal ? new ProgressLine(context, work) : null;

    public void Dispose()
    {
        _timer.Dispose();
        lock (_lock)
        {
            _isDisposed = true;
            if (_isShown)
            {
                _error.Write(Erase);
            }
        }
    }

    private void Show()
    {
        lock (_lock)
        {
            if (!_isDisposed)
            {
                _isShown = true;
                _error.Write($"{Erase}{_work}, {Quantity.Duration(_time.GetElapsedTime(_start))}");
            }
        }
    }
}
