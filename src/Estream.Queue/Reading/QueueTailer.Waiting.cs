using Estream.Core;
using Estream.Queue.Internal;

namespace Estream.Queue;

// Waiting for a message.
public sealed partial class QueueTailer
{
    // Can be added to any time of a monotonic clock without overflow.
    private const long Forever = long.MaxValue / 2;

    // The longest sleep if no appender notifies: appenders of format version 1 do not, and read-only readers cannot announce a sleep.
    private const long UnheededSleepNanos = 1_000_000;

    // A wait this long is probably a wait for the next burst: checks become rarer, so that an idle process hardly wakes up.
    private const long IdleAfterNanos = 1_000_000_000;
    private const int IdleFactor = 10;
    private const long QuietAfterNanos = 10_000_000_000;
    private const int QuietFactor = 50;

    private IdleStrategy _idle;
    private TailerWait? _wait;

    /// <summary>What this tailer does while it waits in a blocking call. Initially <see cref="QueueOptions.Idle"/>.</summary>
    public IdleStrategy Idle
    {
        get => _idle;
        set => _idle = value;
    }

    /// <summary>Reads the next message, and waits if there is none.</summary>
    /// <param name="message">The message; valid until the next call on this tailer.</param>
    /// <param name="timeout">The longest wait; <see cref="Timeout.InfiniteTimeSpan"/> to wait without limit, zero not to wait.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether a message was read within the timeout.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The tailer is disposed, or the queue was disposed during the wait.</exception>
    /// <exception cref="EstreamCorruptionException">The log is damaged; the message names file and offset.</exception>
    /// <exception cref="EstreamStorageException">Retention reused the position, or a segment cannot be opened.</exception>
    /// <remarks>
    /// Costs as much as <see cref="TryRead(out QueueMessage)"/> if there is a message. Otherwise the tailer idles as <see cref="Idle"/>
    /// says; once it sleeps, an appender of any process wakes it within some microseconds after the commit. A tailer of a queue opened
    /// read-only cannot be woken and checks every millisecond. Allocates nothing, except where a segment ends or a token is registered.
    /// </remarks>
    public bool TryRead(out QueueMessage message, TimeSpan timeout, CancellationToken cancellationToken = default) =>
        TryRead(out message) || (WaitToRead(timeout, cancellationToken) && TryRead(out message));

    /// <summary>Waits until there is a message to read. The last message read counts as consumed.</summary>
    /// <param name="timeout">The longest wait; <see cref="Timeout.InfiniteTimeSpan"/> to wait without limit, zero to check once.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether there is a message; false after the timeout.</returns>
    /// <inheritdoc cref="TryRead(out QueueMessage, TimeSpan, CancellationToken)" path="/exception"/>
    /// <inheritdoc cref="TryRead(out QueueMessage, TimeSpan, CancellationToken)" path="/remarks"/>
    public bool WaitToRead(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        long end = EndOf(timeout);
        ConsumeLast();
        if (CanRead())
        {
            return true;
        }

        _queue.Waits.Enter();
        try
        {
            return WaitBlocking(end, cancellationToken);
        }
        finally
        {
            _queue.Waits.Leave();
        }
    }

    /// <summary>Waits without a thread until there is a message to read. The last message read counts as consumed.</summary>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>True. Await it once, before the next call on this tailer.</returns>
    /// <inheritdoc cref="WaitToReadAsync(TimeSpan, CancellationToken)" path="/exception"/>
    /// <inheritdoc cref="WaitToReadAsync(TimeSpan, CancellationToken)" path="/remarks"/>
    public ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default) =>
        WaitToReadAsync(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>Waits without a thread until there is a message to read. The last message read counts as consumed.</summary>
    /// <param name="timeout">The longest wait; <see cref="Timeout.InfiniteTimeSpan"/> to wait without limit, zero to check once.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <returns>Whether there is a message; false after the timeout. Await it once, before the next call on this tailer.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The tailer or its queue is disposed, or was disposed during the wait.</exception>
    /// <exception cref="EstreamCorruptionException">The log is damaged; the message names file and offset.</exception>
    /// <exception cref="EstreamStorageException">Retention reused the position, or a segment cannot be opened.</exception>
    /// <remarks>
    /// Completes synchronously if there is a message. All waits of a queue object share one thread, which sleeps until an appender of any
    /// process wakes it; continuations run on the thread pool. Allocates nothing from the second wait of a tailer on.
    /// </remarks>
    public ValueTask<bool> WaitToReadAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        long end = EndOf(timeout);
        ConsumeLast();
        if (CanRead())
        {
            return new ValueTask<bool>(true);
        }

        try
        {
            _wait ??= new TailerWait(_queue, this);
            return _wait.TryBegin(end, cancellationToken) ? new ValueTask<bool>(_wait, _wait.Token) : new ValueTask<bool>(CanRead());
        }
        catch (OperationCanceledException)
        {
            return ValueTask.FromCanceled<bool>(cancellationToken);
        }
    }

    /// <summary>Reads all present and future messages with <c>await foreach</c>.</summary>
    /// <param name="cancellationToken">Ends the loop with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The messages; each is valid until the next one is requested. The sequence is endless: break, cancel or dispose.</returns>
    /// <exception cref="ObjectDisposedException">The tailer is disposed.</exception>
    /// <remarks>
    /// Starts at the position of the tailer and leaves the tailer where the loop ends: a message counts as consumed when the next one is
    /// requested. The loop does not yield while there are messages. Allocates once, not for each message.
    /// </remarks>
    public QueueReading ReadAllAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new QueueReading(this, cancellationToken);
    }

    internal TailerWait? PendingWait => _wait;

    /// <summary>Whether a message is still the last one read, so its bytes are still valid.</summary>
    internal bool IsLast(long position, int length) =>
        _segment is not null && Position == position + FrameLayout.Stride(FrameLayout.HeaderBytes + length);

    /// <summary>The bytes of the last message read.</summary>
    internal ReadOnlySpan<byte> PayloadAt(long position, int length) =>
        _memory.ReadOnlySpan(position - _basePosition + FrameLayout.HeaderBytes, length);

    /// <summary>The bytes of the last message read, as memory that may be kept across an await while the message is the last one.</summary>
    internal ReadOnlyMemory<byte> MemoryAt(long position, int length) =>
        (_inBlock ? _blocks!.View : _segment!).AllBytes.Slice((int)(position - _basePosition) + FrameLayout.HeaderBytes, length);

    /// <summary>Whether the next message is there. Passes other frames and enters the next segment.</summary>
    internal bool CanRead() => TryReachMessage();

    /// <summary>The longest sleep before the next check of a wait that has taken this time.</summary>
    internal long LongestSleepNanos(long waitedNanos)
    {
        if (_queue.IsReadOnly || !_queue.WaiterSignal.IsHeeded)
        {
            return UnheededSleepNanos;
        }

        if (IsHeldUp)
        {
            return PatienceNanos;
        }

        return LongestSleepNanos(_queue.LongestSleep, waitedNanos);
    }

    /// <summary>The longest sleep in a wait that has lasted the given time, if nothing else limits the sleep.</summary>
    internal static long LongestSleepNanos(TimeSpan longest, long waitedNanos) => longest == Timeout.InfiniteTimeSpan
        ? Forever
        : longest.Ticks * TimeSpan.NanosecondsPerTick
            * (waitedNanos < IdleAfterNanos ? 1 : waitedNanos < QuietAfterNanos ? IdleFactor : QuietFactor);

    // A writer has claimed space and not committed. If it dies, a reader that may write has to reclaim the claim.
    private bool IsHeldUp
    {
        get
        {
            if (_segment is not { IsShared: true } || _inBlock)
            {
                return false;
            }

            RegionSpan memory = _segment.Memory;
            int word = memory.ReadInt32Acquire(_offset);
            return word < 0 || (word == 0 && _offset < TailWord.Offset(memory.ReadInt64Acquire(SegmentLayout.TailOffset)));
        }
    }

    // Spins, yields, then announces a sleep, checks once more, and sleeps.
    private bool WaitBlocking(long end, CancellationToken cancellation)
    {
        IdleStrategy idle = _idle;
        long begun = _queue.Clock.MonotonicNanos;
        SharedSignal.Ticket? announced = null;
        CancellationTokenRegistration registration = default;
        try
        {
            while (!CanRead())
            {
                cancellation.ThrowIfCancellationRequested();
                _queue.Waits.ThrowIfClosing();
                long now = _queue.Clock.MonotonicNanos;
                long left = end - now;
                if (left <= 0)
                {
                    return false;
                }

                if (announced is { } ticket)
                {
                    _queue.WaiterSignal.Sleep(ticket,
                        TimeSpan.FromTicks((Math.Min(left, LongestSleepNanos(now - begun)) / TimeSpan.NanosecondsPerTick) + 1));
                    announced = null;
                }
                else if (!idle.TryIdleAwake())
                {
                    announced = Announce(ref idle, ref registration, cancellation);
                }
            }

            return true;
        }
        finally
        {
            registration.Dispose();
        }
    }

    private SharedSignal.Ticket? Announce(ref IdleStrategy idle, ref CancellationTokenRegistration registration,
        CancellationToken cancellation)
    {
        if (_queue.IsReadOnly)
        {
            idle.Idle(0);
            return null;
        }

        WaiterSignal wakeUp = _queue.WaiterSignal;
        if (registration == default)
        {
            registration = cancellation.UnsafeRegister(static wakeUp => ((WaiterSignal)wakeUp!).Notify(), wakeUp);
        }

        return wakeUp.Prepare();
    }

    private void ConsumeLast()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _cursor?.Store(Position);
    }

    private long EndOf(TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan)
        {
            return long.MaxValue;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(timeout, TimeSpan.Zero);
        return timeout.Ticks > Forever / TimeSpan.NanosecondsPerTick
            ? long.MaxValue
            : _queue.Clock.MonotonicNanos + (timeout.Ticks * TimeSpan.NanosecondsPerTick);
    }
}
