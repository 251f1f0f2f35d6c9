using System.Runtime.CompilerServices;
using Estream.Fpga.Internal;

namespace Estream.Fpga;

/// <summary>
/// The two rings of a card. A submission is written once, where the card reads it, and a completion is read where the card wrote it: no
/// call for a message, one for a batch.
/// </summary>
/// <example>
/// <code>
/// while (queue.Free > 0 and there is more) { ref FpgaSubmission one = ref queue.Next(); … }
/// queue.Ring();
/// queue.Wait(count, timeout);
/// while (queue.HasCompletion) { ref readonly FpgaCompletion one = ref queue.Current; …; queue.Advance(); }
/// </code>
/// </example>
/// <remarks>One thread at a time. Allocates nothing. Use after the card is disposed throws <see cref="NullReferenceException"/>.</remarks>
public sealed unsafe class FpgaQueue
{
    private readonly QueueHandle _handle;
    private readonly string _uri;
    private readonly uint _entries;
    private FpgaSubmission* _submissions;
    private FpgaCompletion* _completions;

    // Counted without end, modulo 2^32: submissions written, completions read.
    private uint _tail;
    private uint _head;

    // SAFETY: the rings have that many entries, begin at multiples of their size, and are there until End, which the card calls before it
    // gives their memory back.
    internal FpgaQueue(QueueHandle handle, string uri, int entries, FpgaSubmission* submissions, FpgaCompletion* completions)
    {
        _handle = handle;
        _uri = uri;
        _entries = (uint)entries;
        _submissions = submissions;
        _completions = completions;
    }

    /// <summary>Entries of each ring.</summary>
    public int Entries => (int)_entries;

    /// <summary>How many submissions are written and not completed.</summary>
    public int Outstanding => (int)(_tail - _head);

    /// <summary>How many submissions there is room for.</summary>
    public int Free => (int)(_entries - (_tail - _head));

    /// <summary>Whether there is a completion to be read.</summary>
    public bool HasCompletion
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            // SAFETY: the mask keeps the index below the entries, and the word is aligned, since the ring is. Read with acquire: who sees
            // the phase of this round sees the whole completion.
            uint word = Volatile.Read(ref *(uint*)((byte*)(_completions + (_head & (_entries - 1))) + CardLayout.CompletionStatus));
            return ((word >> 8) & (uint)CardCompletionBits.Phase) == ((_head & _entries) == 0 ? 1u : 0u);
        }
    }

    /// <summary>The oldest completion that was not read; only where <see cref="HasCompletion"/> says that there is one. Valid until
    /// <see cref="Advance"/>.</summary>
    // SAFETY: the mask keeps the index below the entries.
    public ref readonly FpgaCompletion Current => ref _completions[_head & (_entries - 1)];

    /// <summary>The place of the next submission; whatever was in it is there, so write every field. The card hears of it by
    /// <see cref="Ring"/>.</summary>
    /// <exception cref="InvalidOperationException">There is no room: read completions first.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref FpgaSubmission Next()
    {
        uint tail = _tail;
        if (tail - _head >= _entries)
        {
            ThrowFull();
        }

        _tail = tail + 1;

        // SAFETY: the mask keeps the index below the entries; the card does not read the place before Ring.
        return ref _submissions[tail & (_entries - 1)];
    }

    /// <summary>Gives the place of the oldest completion back.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance() => _head++;

    /// <summary>Tells the card of all submissions that were written.</summary>
    /// <returns>False when the card is gone.</returns>
    public bool Ring() => NativeMethods.Doorbell(_handle.Value, _tail) == NativeMethods.CallStatus.Ok;

    /// <summary>Gives a simulated card time, until it has nothing to do or so many cycles are over. A card on the bus needs none.</summary>
    /// <param name="cycles">Most cycles.</param>
    /// <returns>False when it had nothing to do, or is gone.</returns>
    public bool Poll(int cycles) => NativeMethods.Poll(_handle.Value, (uint)cycles) == NativeMethods.CallStatus.Ok;

    /// <summary>Waits for completions.</summary>
    /// <param name="count">How many more than were read; at most what is outstanding.</param>
    /// <param name="timeout">The longest wait, by the clock of the host.</param>
    /// <returns>Null when they are there, else why they are not: the card timed out or is gone.</returns>
    public FpgaFailure? Wait(int count, TimeSpan timeout)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Outstanding);
        if (count <= 0)
        {
            return null;
        }

        NativeMethods.CallStatus status = NativeMethods.Wait(_handle.Value, _head + (uint)count, (ulong)timeout.Ticks * 100);
        return status switch
        {
            NativeMethods.CallStatus.Ok => null,
            NativeMethods.CallStatus.DeviceGone => FpgaFailure.Gone,
            _ => FpgaFailure.Timeout,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{_uri}, {Outstanding} of {_entries} under way";

    /// <summary>Behind a reset both rings are at their begin.</summary>
    internal void Restart() => _tail = _head = 0;

    internal void End()
    {
        _submissions = null;
        _completions = null;
        _handle.Dispose();
    }

    private void ThrowFull() =>
        throw new InvalidOperationException(
            $"All {_entries} places of the ring of '{_uri}' are taken: read completions ({nameof(Advance)}) before more is submitted.");
}
