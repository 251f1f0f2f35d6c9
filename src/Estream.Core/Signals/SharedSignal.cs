using System.Runtime.CompilerServices;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>
/// Lets threads of any process sleep until something in shared memory changes. Who changes it pays one load of a word that hardly ever
/// changes, and no fence, as long as nobody sleeps. A killed sleeper costs one needless wake-up; what a killed publisher owed its sleepers
/// the next one pays.
/// </summary>
/// <remarks>
/// <para>Publisher: change the thing, then <see cref="Notify"/>. Waiter: <see cref="Prepare"/>, look at the thing again, and only if it is
/// unchanged <see cref="Wait"/>; then start over.</para>
/// <para>Why no wake-up is lost. The publisher stores the thing and loads the flag; the waiter stores the flag and loads the thing. If both
/// loads came before the other's store, the publisher would wake nobody and the waiter would sleep on. The waiter's side has a full
/// barrier between its two accesses, executed by the running threads of all publishers as well (membarrier): so either the publisher's
/// store came before it, and the waiter sees the thing, or the publisher's load comes behind it, and sees the flag. Where the kernel has
/// no such barrier the publisher fences, or the waiter sleeps for a millisecond at most.</para>
/// <para>Who wakes takes the flag down behind the wake-up and not before it, so that one who is killed in between leaves it up, and the
/// next publisher wakes whom he did not. He takes down only what he saw when he began: each sleeper that announces itself gives the flag
/// another value, and who came meanwhile may not have been woken. That a flag went round through all 2^31 values meanwhile is left
/// out.</para>
/// <para>Thread-safe. Two cache lines of memory that both sides map for writing; all zeros at first.</para>
/// </remarks>
public sealed class SharedSignal
{
    /// <summary>How many bytes it takes, beginning at a multiple of 64: the flag, which publishers read, and the word that sleepers wait
    /// on.</summary>
    public const int Bytes = 128;

    // Bit 0 says whether it is up; the others count who put it up.
    private const int FlagOffset = 0;
    private const int WordOffset = 64;
    private static readonly TimeSpan s_longestBlindSleep = TimeSpan.FromMilliseconds(1);

    // What a publisher looks at that has to fence: it is always up. Lives as long as the process.
    private static readonly Lazy<NativeRegion> s_raised = new(() =>
    {
        NativeRegion region = NativeRegion.Allocate(sizeof(int));
        region.All.WriteInt32(0, 1);
        return region;
    });

    private readonly MemoryRegion _region;
    private readonly long _offset;
    private readonly RegionSpan _memory;
    private readonly bool _fences;

    /// <summary>Takes up the signal at an offset of a region. Publishers make theirs before the first change that somebody may wait
    /// for.</summary>
    /// <param name="region">The shared memory, mapped for writing; it must outlive this object.</param>
    /// <param name="offset">A multiple of 64, with <see cref="Bytes"/> behind it that nobody else uses.</param>
    /// <exception cref="ArgumentException">The region may not be written, or the offset is not aligned.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The bytes are not inside the region.</exception>
    public SharedSignal(MemoryRegion region, long offset)
    {
        ArgumentNullException.ThrowIfNull(region);
        if (region.IsReadOnly || offset % 64 != 0)
        {
            throw new ArgumentException(
                $"A signal needs memory it may write at a multiple of 64, not "
                + $"{(region.IsReadOnly ? "read-only memory" : $"offset {offset}")}.", nameof(region));
        }

        _region = region;
        _offset = offset;
        _memory = region.Slice(offset, Bytes);
        _fences = !ProcessBarrier.IsRegistered;
    }

    /// <summary>
    /// The part of <see cref="Notify"/> that is there when nobody sleeps, to look at before calling it. Up all the time where publishers
    /// have to fence.
    /// </summary>
    public SignalFlag Flag => new(_fences ? s_raised.Value.All : _memory.Slice(FlagOffset, sizeof(int)));

    /// <summary>Wakes whoever sleeps. Call it after the change; about a nanosecond when nobody does, else some microseconds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Notify()
    {
        if (_fences)
        {
            Interlocked.MemoryBarrier();
        }

        // Acquire, so that the compiler loads it each time, and behind the change.
        int seen = _memory.ReadInt32Acquire(FlagOffset);
        if (SignalFlag.IsRaised(seen))
        {
            WakeAll(seen);
        }
    }

    /// <summary>Announces a sleeper. Look at what is waited for after this call, not before.</summary>
    /// <returns>What to give to <see cref="Wait"/>. Not waiting after all is fine: nothing has to be taken back.</returns>
    public Ticket Prepare()
    {
        int word = _memory.ReadInt32Acquire(WordOffset);
        Raise();
        bool isOrdered = true;
#if !ESTREAM_WITHOUT_BARRIER
        // The flag above before what the caller looks at next, and in every publisher what it changed before the flag it looked at.
        isOrdered = ProcessBarrier.TryIssue();
#endif
        return new Ticket(word, isOrdered);
    }

    /// <summary>Sleeps until a <see cref="Notify"/> that came after <see cref="Prepare"/>. May return early for no reason.</summary>
    /// <param name="ticket">What <see cref="Prepare"/> returned, used once.</param>
    /// <param name="timeout">The longest sleep; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    public WaitOutcome Wait(Ticket ticket, TimeSpan timeout)
    {
        if (ticket.IsOrdered || (timeout != Timeout.InfiniteTimeSpan && timeout <= s_longestBlindSleep))
        {
            return _region.WaitInt32(_offset + WordOffset, ticket.Word, timeout);
        }

        // A wake-up could be missed here: the caller looks again soon, and takes it for one that came early.
        WaitOutcome outcome = _region.WaitInt32(_offset + WordOffset, ticket.Word, s_longestBlindSleep);
        return outcome == WaitOutcome.TimedOut ? WaitOutcome.Woken : outcome;
    }

    // Another value also when it is up: whoever is about to take it down for others leaves it to this sleeper.
    private void Raise()
    {
        int seen;
        do
        {
            seen = _memory.ReadInt32Acquire(FlagOffset);
        }
        while (_memory.CompareExchangeInt32(FlagOffset, unchecked(seen + 2) | SignalFlag.Raised, seen) != seen);
    }

    // Whoever put the flag up as it was seen had read the word before, so this either wakes it or keeps it from falling asleep.
    private void WakeAll(int seen)
    {
        _memory.AddInt32(WordOffset, 1);
        _region.WakeInt32(_offset + WordOffset);
        _memory.CompareExchangeInt32(FlagOffset, seen & ~SignalFlag.Raised, seen);
    }

    /// <summary>A sleep announced and not begun.</summary>
    public readonly record struct Ticket
    {
        internal Ticket(int word, bool isOrdered)
        {
            Word = word;
            IsOrdered = isOrdered;
        }

        internal int Word { get; }

        internal bool IsOrdered { get; }
    }
}
