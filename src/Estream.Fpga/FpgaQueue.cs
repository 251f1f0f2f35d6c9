using System.Runtime.CompilerServices;
using Estream.Fpga.Internal;

namespace Estream.Fpga;

/// <summary>
/// The submission and completion rings of a card. Submissions are written and completions are read in place, without a copy. The native
/// library is called once per batch, not per message.
/// </summary>
/// <example>
/// <code>
/// while (queue.Free > 0 and there is more) { ref FpgaSubmission one = ref queue.Next(); … }
/// queue.Ring();
/// queue.Wait(count, timeout);
/// while (queue.HasCompletion) { ref readonly FpgaCompletion one = ref queue.Current; …; queue.Advance(); }
/// </code>
/// </example>
/// <remarks>Not thread-safe. Allocates nothing. Use after the card is disposed throws <see cref="NullReferenceException"/>.</remarks>
public sealed unsafe class FpgaQueue
{
    private readonly QueueHandle _handle;
    private readonly string _uri;
    private readonly uint _entries;
    private FpgaSubmission* _submissions;
    private FpgaCompletion* _completions;

    // Free-running counts modulo 2^32 of submissions written and completions read.
    private uint _tail;
    private uint _head;

    // SAFETY: the rings have that many entries, begin at multiples of their size, and stay valid until End, which the card calls before it
    // frees their memory.
    internal FpgaQueue(QueueHandle handle, string uri, int entries, FpgaSubmission* submissions, FpgaCompletion* completions)
    {
        _handle = handle;
        _uri = uri;
        _entries = (uint)entries;
        _submissions = submissions;
        _completions = completions;
    }

    /// <summary>The number of entries of each ring.</summary>
    public int Entries => (int)_entries;

    /// <summary>The number of submissions that are written and not completed.</summary>
    public int Outstanding => (int)(_tail - _head);

    /// <summary>The number of free submission slots.</summary>
    public int Free => (int)(_entries - (_tail - _head));

    /// <summary>Whether a completion is available.</summary>
    public bool HasCompletion
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            // SAFETY: the mask keeps the index below the entries, and the word is aligned, since the ring is. Acquire: a reader that sees
            // the phase bit of this round sees the whole completion.
            uint word = Volatile.Read(ref *(uint*)((byte*)(_completions + (_head & (_entries - 1))) + CardLayout.CompletionStatus));
            return ((word >> 8) & (uint)CardCompletionBits.Phase) == ((_head & _entries) == 0 ? 1u : 0u);
        }
    }

    /// <summary>The oldest unread completion. Use it only if <see cref="HasCompletion"/> is true. Valid until
    /// <see cref="Advance"/>.</summary>
    // SAFETY: the mask keeps the index below the entries.
    public ref readonly FpgaCompletion Current => ref _completions[_head & (_entries - 1)];

    /// <summary>Returns the slot of the next submission. The slot still holds old content, so write every field. The card sees the
    /// submission after <see cref="Ring"/>.</summary>
    /// <exception cref="InvalidOperationException">The ring is full: read completions first.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref FpgaSubmission Next()
    {
        uint tail = _tail;
        if (tail - _head >= _entries)
        {
            ThrowFull();
        }

        _tail = tail + 1;

        // SAFETY: the mask keeps the index below the entries; the card does not read the slot before Ring.
        return ref _submissions[tail & (_entries - 1)];
    }

    /// <summary>Releases the slot of the oldest completion.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance() => _head++;

    /// <summary>Rings the doorbell: submits everything that was written.</summary>
    /// <returns>False if the card has disappeared.</returns>
    public bool Ring() => NativeMethods.Doorbell(_handle.Value, _tail) == NativeMethods.CallStatus.Ok;

    /// <summary>Advances a simulated card until it is idle or the cycles are used up. A card on the bus does not need this call.</summary>
    /// <param name="cycles">The maximum number of cycles.</param>
    /// <returns>False if the card was idle or has disappeared.</returns>
    public bool Poll(int cycles) => NativeMethods.Poll(_handle.Value, (uint)cycles) == NativeMethods.CallStatus.Ok;

    /// <summary>Waits for completions.</summary>
    /// <param name="count">The number of unread completions to wait for; at most <see cref="Outstanding"/>.</param>
    /// <param name="timeout">The longest wait, by the host's clock.</param>
    /// <returns>Null if the completions are available; otherwise the failure: the card timed out or has disappeared.</returns>
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
    public override string ToString() => $"{_uri}, {Outstanding} of {_entries} in flight";

    /// <summary>Restarts both rings at their first entry, after a reset of the card.</summary>
    internal void Restart() => _tail = _head = 0;

    internal void End()
    {
        _submissions = null;
        _completions = null;
        _handle.Dispose();
    }

    private void ThrowFull() =>
        throw new InvalidOperationException(
            $"All {_entries} slots of the ring of '{_uri}' are in use. Read completions ({nameof(Advance)}) before submitting more.");
}
