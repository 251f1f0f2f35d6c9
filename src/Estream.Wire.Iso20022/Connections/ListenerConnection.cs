using System.Net.Sockets;
using System.Security.Authentication;
using Estream.Core;

namespace Estream.Wire.Iso20022.Connections;

/// <summary>Serves one connection of a listener: one loop reads frames, stores their messages, waits until they are durable, and sends the
/// answers. Nothing is read while a message cannot be stored or an answer cannot be sent.</summary>
internal sealed class ListenerConnection : ServedConnection
{
    // A peer that sends many short invalid frames must read its answers before it can send more.
    private const int MaxAnswerBytes = 64 * 1024;

    private readonly Iso20022ListenerOptions _options;
    private readonly ListenerCounters _counters;
    private readonly IClock _clock;
    private readonly FrameBuffer _buffer;
    private readonly FrameHandler _handler;
    private readonly CancellationTokenSource _writing;

    /// <param name="socket">The accepted socket.</param>
    /// <param name="options">The options of the listener.</param>
    /// <param name="intake">Stores the messages of this connection.</param>
    /// <param name="budget">Limits the buffers of all connections.</param>
    /// <param name="counters">The counts of the listener.</param>
    /// <param name="events">Receives events.</param>
    /// <param name="clock">The clock.</param>
    public ListenerConnection(
        Socket socket, Iso20022ListenerOptions options, DocumentIntake intake, ByteBudget budget, ListenerCounters counters,
        AdapterEventLog events, IClock clock)
        : base(socket, TimeSpan.FromSeconds(options.MessageSeconds), events)
    {
        _options = options;
        _counters = counters;
        _clock = clock;
        _buffer = new FrameBuffer(options.MaxMessageBytes, budget);
        _handler = new FrameHandler(Peer, options.Answers, intake, counters, events, clock)
        {
            Handled = isAccepted => CountMessage(isAccepted, clock.UtcNanos),
        };
        _writing = CancellationTokenSource.CreateLinkedTokenSource(Closing);
        counters.Open();
    }

    private TimeSpan IdleLimit => _options.IdleSeconds == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(_options.IdleSeconds);

    private TimeSpan MessageLimit => TimeSpan.FromSeconds(_options.MessageSeconds);

    protected override void Release()
    {
        _counters.Close();
        _handler.Dispose();
        _buffer.Dispose();
        _writing.Dispose();
    }

    protected override void ReportLoss(Exception failure)
    {
        bool isExpected = failure is IOException or SocketException or ObjectDisposedException or AuthenticationException
            or OperationCanceledException or EstreamException;

        // The text of an unexpected exception may quote a message, so only its type is reported.
        Events.Report(
            AdapterEventKind.ConnectionFailed,
            isExpected
                ? $"The connection with {Peer} was lost: {failure.Message}"
                : $"The connection with {Peer} was closed after an error ({failure.GetType().Name}).");
    }

    protected override async Task ServeAsync()
    {
        _handler.Identify(Peer, Identity);
        using CancellationTokenSource reading = CancellationTokenSource.CreateLinkedTokenSource(Closing);
        reading.CancelAfter(IdleLimit);
        bool wasInFrame = false;
        while (await TryReadAsync(wasInFrame, reading.Token).ConfigureAwait(false))
        {
            if (_buffer.Next != FrameStatus.Incomplete)
            {
                Establish();

                // The time in which the peer waits for the listener does not count.
                reading.CancelAfter(Timeout.InfiniteTimeSpan);
                bool isOpen = await TakeFramesAsync().ConfigureAwait(false);
                await SettleAsync().ConfigureAwait(false);
                if (!isOpen)
                {
                    return;
                }

                reading.CancelAfter(_buffer.IsInFrame ? MessageLimit : IdleLimit);
            }
            else if (!wasInFrame)
            {
                // The time of a message counts from its first byte, so that a peer that sends single bytes cannot extend it.
                reading.CancelAfter(MessageLimit);
            }

            wasInFrame = _buffer.IsInFrame;
        }
    }

    /// <summary>Reads the next bytes.</summary>
    /// <returns>False if the connection has ended, or the peer took too long.</returns>
    private async ValueTask<bool> TryReadAsync(bool isInFrame, CancellationToken limit)
    {
        int count;
        try
        {
            count = await Stream.ReadAsync(_buffer.Space(), limit).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!Closing.IsCancellationRequested)
        {
            Events.Report(
                isInFrame ? AdapterEventKind.ProtocolViolation : AdapterEventKind.Disconnected,
                isInFrame
                    ? $"{Peer} was disconnected: a message took longer than {_options.MessageSeconds} s (MessageSeconds)."
                    : $"{Peer} was disconnected: no message within {_options.IdleSeconds} s (IdleSeconds).");
            return false;
        }

        if (count == 0)
        {
            Events.Report(
                isInFrame ? AdapterEventKind.ProtocolViolation : AdapterEventKind.Disconnected,
                isInFrame ? $"{Peer} closed the connection inside a message." : $"{Peer} closed the connection.");
            return false;
        }

        _buffer.Add(count);
        return true;
    }

    /// <summary>Stores the messages of all complete frames.</summary>
    /// <returns>False if the connection must end.</returns>
    private async ValueTask<bool> TakeFramesAsync()
    {
        FrameStatus status;
        while ((status = _buffer.Next) == FrameStatus.Frame)
        {
            ReadOnlyMemory<byte> frame = _buffer.Take();
            if (!_handler.TryHandle(frame.Span) && !await HandleBlockedAsync(frame).ConfigureAwait(false))
            {
                return false;
            }

            if (_handler.Answers.Frames.Length > MaxAnswerBytes)
            {
                await SettleAsync().ConfigureAwait(false);
            }
        }

        if (status != FrameStatus.Incomplete)
        {
            _handler.Refuse("InvalidFrame", status == FrameStatus.TooLong
                ? $"a message is longer than {_options.MaxMessageBytes} bytes (MaxMessageBytes)"
                : "the length of a message is not positive");
        }

        return status == FrameStatus.Incomplete;
    }

    /// <summary>Tries to store a message until its queues can be written, the peer has disconnected, or MessageSeconds have passed. In the
    /// last case the connection ends without an answer, and the peer sends the message again.</summary>
    private async Task<bool> HandleBlockedAsync(ReadOnlyMemory<byte> frame)
    {
        Events.Report(AdapterEventKind.StorageBlocked, $"Reading from {Peer} is paused: a queue cannot be written.");
        if (await RetryAsync(() => _handler.TryHandle(frame.Span), MessageLimit, _clock).ConfigureAwait(false))
        {
            return true;
        }

        Events.Report(AdapterEventKind.Disconnected, $"{Peer} was disconnected without an answer: a queue cannot be written.");
        return false;
    }

    /// <summary>Waits until the stored messages are durable, then sends their answers.</summary>
    private async ValueTask SettleAsync()
    {
        if (_handler.Answers.Frames.IsEmpty)
        {
            return;
        }

        await _handler.WaitDurableAsync(Closing).ConfigureAwait(false);
        _writing.CancelAfter(MessageLimit);
        await Stream.WriteAsync(_handler.Answers.Frames, _writing.Token).ConfigureAwait(false);
        _writing.CancelAfter(Timeout.InfiniteTimeSpan);
        _handler.Answers.Clear();
    }
}
