using System.Runtime.CompilerServices;
using Estream.Core.Internal;

namespace Estream.Core;

/// <summary>
/// Lets threads of any process sleep until something in shared memory changes. While no thread sleeps, a publisher pays one load of a
/// word that rarely changes, and no fence. A killed sleeper costs one unnecessary wake-up. If a publisher is killed before it wakes the
/// sleepers, the next publisher does so.
/// </summary>
/// <remarks>
/// <para>Publisher: change the data, then call <see cref="Notify"/>. Waiter: call <see cref="Prepare"/>, read the data again, and call <see
/// cref="Wait"/> only if it is unchanged; then start over.</para>
/// <para>Why no wake-up is lost: the publisher stores the data and loads the flag; the waiter stores the flag and loads the data. If both
/// loads came before the other side's store, the publisher would wake no thread and the waiter would sleep on. The waiter therefore
/// issues a full barrier between its two accesses, which the running threads of all publishers execute as well (membarrier). Either the
/// publisher's store precedes the barrier, and the waiter sees the data, or the publisher's load follows it, and the publisher sees the
/// flag. If the kernel has no such barrier, the publisher fences, or the waiter sleeps for at most a millisecond.</para>
/// <para>A publisher clears the flag after the wake-up. If the publisher is killed in between, the flag stays set, and the next publisher
/// wakes the sleepers. A publisher clears the flag only if the flag still has the value seen before the wake-up: each new sleeper changes
/// the value, and may not have been woken. A flag that passes through all 2^31 values in the meantime is not handled.</para>
/// <para>Thread-safe. Uses two cache lines of memory that both sides map for writing, initially zero.</para>
/// </remarks>
public sealed class SharedSignal
{
    /// <summary>The size in bytes, aligned to 64: the flag that publishers read, and the word that sleepers wait on.</summary>
    public const int Bytes = 128;

    // Bit 0: whether the flag is set. The other bits count the sleepers that set it.
    private const int FlagOffset = 0;
    private const int WordOffset = 64;
    private static readonly TimeSpan s_longestBlindSleep = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_longestPoll = TimeSpan.FromMilliseconds(10);

    // The flag that publishers get if they have to fence: always set. It lives as long as the process.
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

    /// <summary>
    /// Uses the signal at an offset of a region. A publisher must create its signal object before the first change for which a thread may
    /// wait.
    /// </summary>
    /// <param name="region">The shared memory, mapped for writing; it must outlive this object.</param>
    /// <param name="offset">A multiple of 64. The following <see cref="Bytes"/> bytes are used by the signal alone.</param>
    /// <exception cref="ArgumentException">The region may not be written, or the offset is not aligned.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The bytes are not inside the region.</exception>
    public SharedSignal(MemoryRegion region, long offset)
    {
        ArgumentNullException.ThrowIfNull(region);
        if (region.IsReadOnly || offset % 64 != 0)
        {
            throw new ArgumentException(
                $"A signal needs writable memory, at an offset that is a multiple of 64, not "
                + $"{(region.IsReadOnly ? "read-only memory" : $"offset {offset}")}.", nameof(region));
        }

        _region = region;
        _offset = offset;
        _memory = region.Slice(offset, Bytes);
        _fences = !ProcessBarrier.IsRegistered;
    }

    /// <summary>
    /// The check that <see cref="Notify"/> makes, for publishers that want to inline it. The flag is always set if publishers have to
    /// fence.
    /// </summary>
    public SignalFlag Flag => new(_fences ? s_raised.Value.All : _memory.Slice(FlagOffset, sizeof(int)));

    /// <summary>
    /// Wakes all sleepers. Call it after the change. About a nanosecond if no thread sleeps, otherwise some microseconds.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Notify()
    {
        if (_fences)
        {
            Interlocked.MemoryBarrier();
        }

        // Acquire: the compiler loads the flag on each call, and after the change.
        int seen = _memory.ReadInt32Acquire(FlagOffset);
        if (SignalFlag.IsRaised(seen))
        {
            WakeAll(seen);
        }
    }

    /// <summary>Announces a sleeper. Check the condition after this call, not before.</summary>
    /// <returns>The argument of <see cref="Wait"/>. The caller may decide not to wait.</returns>
    public Ticket Prepare()
    {
        int word = Announce();
        return new Ticket(this, word, TryOrder());
    }

    /// <summary>Announces a sleep at several signals, with one barrier for all. The caller then checks the conditions of all
    /// signals.</summary>
    /// <param name="signals">The signals, without duplicates.</param>
    /// <param name="tickets">Cleared; then receives one ticket for each signal.</param>
    internal static void PrepareAll(List<SharedSignal> signals, List<Ticket> tickets)
    {
        tickets.Clear();
        foreach (SharedSignal signal in signals)
        {
            tickets.Add(new Ticket(signal, signal.Announce(), isOrdered: true));
        }

        if (!TryOrder())
        {
            for (int i = 0; i < tickets.Count; i++)
            {
                tickets[i] = new Ticket(tickets[i].Signal, tickets[i].Word, isOrdered: false);
            }
        }
    }

    /// <summary>Sleeps until one of several signals is notified after the announcement. May return early without a reason. Allocates
    /// nothing.</summary>
    /// <param name="tickets">At least one ticket. Any thread may use them, also several times.</param>
    /// <param name="timeout">The longest sleep; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <remarks>The kernel wakes the sleeper only for the first 128 tickets, and before Linux 5.16 only for the first one. If there are
    /// others, the sleep lasts at most 10 ms. Ignores <see cref="RegionBacking.Wait"/>.</remarks>
    internal static WaitOutcome WaitAny(List<Ticket> tickets, TimeSpan timeout)
    {
        Span<NativeMethods.FutexWaiter> words = stackalloc NativeMethods.FutexWaiter[Math.Min(tickets.Count, Futex.MaxWords)];
        bool isOrdered = true;
        for (int i = 0; i < tickets.Count; i++)
        {
            Ticket ticket = tickets[i];
            if (ticket.IsNotified)
            {
                return WaitOutcome.Changed;
            }

            isOrdered &= ticket.IsOrdered;
            if (i < words.Length)
            {
                words[i] = Futex.Waiter(ticket.Signal._memory.Slice(WordOffset, sizeof(int)), ticket.Word);
            }
        }

        bool wakesAll = Futex.CanWaitAny && tickets.Count <= Futex.MaxWords;
        TimeSpan limit = !isOrdered ? s_longestBlindSleep : wakesAll ? Timeout.InfiniteTimeSpan : s_longestPoll;
        bool isLimited = limit != Timeout.InfiniteTimeSpan && (timeout == Timeout.InfiniteTimeSpan || limit < timeout);
        TimeSpan longest = isLimited ? limit : timeout;
        WaitOutcome outcome = Futex.CanWaitAny
            ? Futex.WaitAny(words, longest)
            : tickets[0].Signal._region.WaitInt32(tickets[0].Signal._offset + WordOffset, tickets[0].Word, longest);

        // Not TimedOut, because a wake-up may have been missed: the caller must check again.
        return outcome == WaitOutcome.TimedOut && isLimited ? WaitOutcome.Woken : outcome;
    }

    /// <summary>Sleeps until a <see cref="Notify"/> after <see cref="Prepare"/>. May return early without a reason.</summary>
    /// <param name="ticket">The result of <see cref="Prepare"/>, used once.</param>
    /// <param name="timeout">The longest sleep; <see cref="Timeout.InfiniteTimeSpan"/> for no limit.</param>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is negative.</exception>
    public WaitOutcome Wait(Ticket ticket, TimeSpan timeout)
    {
        if (ticket.IsOrdered || (timeout != Timeout.InfiniteTimeSpan && timeout <= s_longestBlindSleep))
        {
            return _region.WaitInt32(_offset + WordOffset, ticket.Word, timeout);
        }

        // A wake-up could be missed here, so the sleep is short, and the caller checks again.
        WaitOutcome outcome = _region.WaitInt32(_offset + WordOffset, ticket.Word, s_longestBlindSleep);
        return outcome == WaitOutcome.TimedOut ? WaitOutcome.Woken : outcome;
    }

    private int Announce()
    {
        int word = _memory.ReadInt32Acquire(WordOffset);
        Raise();
        return word;
    }

    // Orders the flag before the condition that the caller checks next, and in every publisher the change before the flag.
    private static bool TryOrder()
    {
#if ESTREAM_WITHOUT_BARRIER
        return true;
#else
        return ProcessBarrier.TryIssue();
#endif
    }

    // Changes the value even if the flag is set. A publisher that is about to clear the flag for other sleepers then leaves it set for this
    // sleeper.
    private void Raise()
    {
        int seen;
        do
        {
            seen = _memory.ReadInt32Acquire(FlagOffset);
        }
        while (_memory.CompareExchangeInt32(FlagOffset, unchecked(seen + 2) | SignalFlag.Raised, seen) != seen);
    }

    // The sleepers that set the flag to this value had read the word before. Changing the word therefore wakes them or keeps them from
    // falling asleep.
    private void WakeAll(int seen)
    {
        _memory.AddInt32(WordOffset, 1);
        _region.WakeInt32(_offset + WordOffset);
        _memory.CompareExchangeInt32(FlagOffset, seen & ~SignalFlag.Raised, seen);
    }

    /// <summary>An announced sleep that has not begun.</summary>
    public readonly record struct Ticket
    {
        internal Ticket(SharedSignal signal, int word, bool isOrdered)
        {
            Signal = signal;
            Word = word;
            IsOrdered = isOrdered;
        }

        /// <summary>Whether the signal has been notified since <see cref="Prepare"/>.</summary>
        internal bool IsNotified => Signal._memory.ReadInt32Acquire(WordOffset) != Word;

        internal SharedSignal Signal { get; }

        internal int Word { get; }

        internal bool IsOrdered { get; }
    }
}
