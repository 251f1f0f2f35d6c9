using System.Diagnostics.CodeAnalysis;
using System.Text;
using Estream.Client;
using Estream.Client.Protocol;
using Estream.Core;
using Estream.Host.Runtime;
using Estream.Host.Widgets;

namespace Estream.Host.Remote;

/// <summary>A stream subscription of a client.</summary>
/// <param name="Component">The component whose widget reads; empty for a widget of the console.</param>
/// <param name="Stamp">The stamp of the rights of the component; empty for a widget of the console.</param>
/// <param name="Pattern">What the subscription selects.</param>
/// <param name="PerSecond">The maximum number of lines a second.</param>
/// <param name="Refresh">The least time between two rounds of new data; zero if data is sent when it changes.</param>
internal sealed record StreamRequest(string Component, string Stamp, StreamPattern Pattern, int PerSecond, TimeSpan Refresh);

/// <summary>
/// Sends JSON lines to a client while the client grants credit, within the rate of the request. Holds at most one frame in memory.
/// </summary>
internal abstract class LineSubscription : IClientSubscription, IDisposable
{
    /// <summary>The maximum length of a message that is decoded.</summary>
    protected const int MaxMessageBytes = 64 << 10;

    private const int MaxFrameBytes = 64 << 10;

    private readonly uint _id;
    private readonly int _maxLineBytes;
    private readonly FrameBuilder _frame = new();
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _granted = new(0, 1);
    private readonly Lock _ending = new();
    private (ClientStatus Status, string Text)? _reason;
    private Task _run = Task.CompletedTask;
    private Task? _ended;
    private long _credit;
    private long _dropped;

    /// <param name="session">The connection.</param>
    /// <param name="id">The id of the request.</param>
    /// <param name="request">What the client subscribed to.</param>
    /// <param name="credit">The number of bytes that may be sent.</param>
    protected LineSubscription(RemoteSession session, uint id, StreamRequest request, long credit)
    {
        (Session, _id, Request, _credit) = (session, id, request, credit);
        Pace = new MessagePace(request.PerSecond, TimeProvider.System, session.StreamPace);
        End = _end.Token;

        // A frame ends after the line that reaches FullBytes, so it must have room for one more line of the maximum length.
        _maxLineBytes = (session.MaxPayloadBytes - sizeof(uint)) / 2;
        FullBytes = Math.Min(MaxFrameBytes, _maxLineBytes);
    }

    /// <summary>The number of bytes at which a frame is full: no further line is added.</summary>
    protected int FullBytes { get; }

    protected RemoteSession Session { get; }

    protected StreamRequest Request { get; }

    /// <summary>Cancelled at the end of the subscription.</summary>
    protected CancellationToken End { get; }

    protected MessagePace Pace { get; }

    /// <summary>The lines of the next frame.</summary>
    protected LineBuffer Lines { get; } = new();

    protected bool HasCredit => Volatile.Read(ref _credit) > 0;

    public void Start()
    {
        Session.Streams.Begin();
        _run = Task.Run(RunAsync);
    }

    public void Grant(uint bytes)
    {
        if (Interlocked.Add(ref _credit, bytes) <= 0)
        {
            return;
        }

        try
        {
            _granted.Release();
        }
        catch (Exception late) when (late is SemaphoreFullException or ObjectDisposedException)
        {
            // The loop has not noticed the last grant yet and will see this one too, or it has ended.
        }
    }

    public (ClientStatus Status, string Text) Commit(long position) => (ClientStatus.Invalid, "The subscription has no cursor.");

    public Task EndAsync(ClientStatus status, string text)
    {
        lock (_ending)
        {
            _reason ??= (status, text);
            return _ended ??= EndAsync();
        }
    }

    /// <summary>Ends the subscription if the rights of its component have changed. Called about once a second.</summary>
    public Task EndIfChangedAsync(IWidgetGrants grants)
    {
        if (Request.Component.Length == 0)
        {
            return Task.CompletedTask;
        }

        string? reason = !grants.TryFind(Request.Component, out WidgetGrant? grant, out string? refusal) ? refusal
            : grant.Stamp != Request.Stamp ? $"Another version of {Request.Component} is installed, or its permissions have changed. "
                + "Subscribe again."
            : null;
        return reason is null ? Task.CompletedTask : EndAsync(ClientStatus.Forbidden, reason);
    }

    public Task LeaveAsync(CursorOwners owners) => Task.CompletedTask;

    public virtual void Dispose()
    {
        Lines.Dispose();
        _end.Dispose();
        _granted.Dispose();
    }

    /// <summary>Sends lines until <see cref="End"/> is cancelled.</summary>
    /// <exception cref="EstreamException">The queue or map cannot be read.</exception>
    /// <exception cref="RemoteRefusalException">The subscription cannot continue.</exception>
    protected abstract Task SendAllAsync();

    /// <summary>Waits before the next round of new data.</summary>
    /// <param name="least">The time between two rounds of a widget without a longer one.</param>
    protected Task WaitForNextRoundAsync(TimeSpan least) => Task.Delay(Request.Refresh > least ? Request.Refresh : least, End);

    protected async ValueTask WaitForCreditAsync()
    {
        while (!HasCredit)
        {
            Lines.Trim();
            await _granted.WaitAsync(End).ConfigureAwait(false);
        }
    }

    /// <summary>Counts messages that the client does not get.</summary>
    protected void Drop(long count) => _dropped += count;

    /// <summary>Waits for room in the output, adds lines, and sends them as a frame. Sends nothing if there are no lines, unless the frame
    /// may be empty.</summary>
    /// <param name="fill">Adds lines. Stops at <see cref="FullBytes"/>.</param>
    /// <param name="mayBeEmpty">Whether a frame without lines is sent.</param>
    /// <returns>The number of lines.</returns>
    protected async ValueTask<int> SendFrameAsync(Func<ValueTask> fill, bool mayBeEmpty = false)
    {
        int reserved = FullBytes;
        await Session.Output.ReserveAsync(reserved, End).ConfigureAwait(false);
        try
        {
            await fill().ConfigureAwait(false);
            if (Lines.Length > reserved)
            {
                Session.Output.Release(reserved);
                reserved = 0;
                await Session.Output.ReserveAsync(Lines.Length, End).ConfigureAwait(false);
                reserved = Lines.Length;
            }

            int count = Lines.Count;
            if (count > 0 || mayBeEmpty)
            {
                Send();
            }

            return count;
        }
        finally
        {
            Session.Output.Release(reserved);
        }
    }

    /// <summary>Ends a line. Removes it and returns false if it is longer than a line may be.</summary>
    protected bool TryEndLine([NotNullWhen(false)] out string? reason)
    {
        bool isEnded = Lines.TryEndLine(_maxLineBytes);
        reason = isEnded ? null : $"more than {_maxLineBytes} bytes long as JSON, too long for a frame. Increase Client:MaxFrameBytes";
        return isEnded;
    }

    private void Send()
    {
        uint dropped = (uint)Math.Min(_dropped, uint.MaxValue);
        _dropped -= dropped;
        Session.Streams.Drop(dropped);
        _frame.Begin().UInt32(dropped);
        Lines.MoveTo(_frame);
        Interlocked.Add(ref _credit, FrameParser.HeaderBytes - _frame.Length);
        Session.Output.Write(_frame.End(ClientOp.StreamMessages, _id));
    }

    private async Task EndAsync()
    {
        await Task.Yield();
        await _end.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            await SendAllAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (End.IsCancellationRequested)
        {
            // EndAsync has set the reason.
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            lock (_ending)
            {
                _reason ??= ReasonOf(failure);
            }
        }

        if (_reason is { Status: not ClientStatus.Ok } reason)
        {
            Session.Output.Write(_frame.Begin().Raw(Encoding.UTF8.GetBytes(reason.Text))
                .End(ClientOp.StreamMessages, _id, reason.Status));
            _ = Session.RemoveAsync(_id);
        }

        Session.Streams.End();
    }

    private static (ClientStatus, string) ReasonOf(Exception failure) => failure switch
    {
        RemoteRefusalException refused => (refused.Status, refused.Message),
        EstreamStorageException { Reason: StorageFailure.NotFound } => (ClientStatus.NotFound, failure.Message),
        _ => (ClientStatus.Failed, failure.Message),
    };
}
