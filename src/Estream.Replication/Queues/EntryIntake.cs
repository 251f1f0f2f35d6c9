using System.Buffers.Binary;
using Estream.Core;

namespace Estream.Replication.Internal;

/// <summary>
/// Reads the entries of a stream for one reader. Passes entries that no reader can use, and counts them. Notices when the stream is not the
/// one that was read before: its end or its start is gone, or it was created again. Not thread-safe.
/// </summary>
/// <param name="directory">The directory of the queue, for messages.</param>
/// <param name="codec">The codec of the stream.</param>
/// <param name="state">The state of the reader.</param>
internal sealed class EntryIntake(string directory, EntryCodec codec, StreamState state)
{
    // A broker whose copy of the stream is behind looks like a stream that is too short. Another broker may know better.
    private const int ShortSessions = 3;

    private const long ShownNanos = 3_600_000_000_000;

    private long _shown;
    private long _shownAt;
    private bool _isResuming;
    private int _shortSessions;

    /// <summary>The entries that were passed.</summary>
    public long Unreadable { get; private set; }

    /// <summary>Why the newest of these entries was passed; null if there is none.</summary>
    public string? Reason { get; private set; }

    /// <summary>Why entries that another owner may have written with a key of its own were passed. Set to null when the current owner
    /// proves to continue.</summary>
    public string? Doubt { get; set; }

    /// <summary>Why the newest of these entries was passed, for one hour after it was first asked for; then null.</summary>
    public string? RecentReason(IClock clock)
    {
        long now = clock.MonotonicNanos;
        if (_shown != Unreadable)
        {
            (_shown, _shownAt) = (Unreadable, now);
        }

        return _shown > 0 && now - _shownAt < ShownNanos ? Reason : null;
    }

    /// <summary>Prepares for a new session.</summary>
    /// <param name="isShort">See <see cref="IBatchSession.IsShort"/>.</param>
    /// <exception cref="EstreamStorageException">The stream ends too early. The next session looks again.</exception>
    public void BeginSession(bool isShort)
    {
        _shortSessions = isShort ? _shortSessions + 1 : 0;
        if (isShort && _shortSessions < ShortSessions)
        {
            throw Changed($"ends before offset {state.Offset}, which was read before");
        }

        if (isShort)
        {
            _shortSessions = 0;
            state.Forget();
        }

        _isResuming = state.Offset >= 0;
    }

    /// <summary>Reads the next entry. Decrypts it in place.</summary>
    /// <returns>Whether the rules decide on the entry; false if it was read before, or no reader can use it.</returns>
    /// <exception cref="EstreamStorageException">The stream is not the one that was read before. The next session reads it from its oldest
    /// entry.</exception>
    public bool TryRead(long offset, Span<byte> entry, out EntryHeader header, out ReadOnlySpan<byte> frames, out uint mark)
    {
        (header, mark) = (default, MarkOf(entry));
        frames = default;
        if (_isResuming)
        {
            _isResuming = false;
            RequireKnown(offset, mark);
        }

        if (offset <= state.Offset)
        {
            return false;
        }

        EntryFault fault = codec.TryRead(entry, out header, out frames);
        if (fault == EntryFault.None)
        {
            return true;
        }

        Unreadable++;
        Reason = EntryErrors.TextOf(fault, directory, offset);
        Doubt = fault == EntryFault.Key ? Reason : Doubt;
        state.Skip(offset, mark, isForeign: fault is EntryFault.Key or EntryFault.Foreign);
        return false;
    }

    private static uint MarkOf(ReadOnlySpan<byte> entry) => entry.Length < EntryLayout.HeaderBytes
        ? 1
        : Math.Max(1, BinaryPrimitives.ReadUInt32LittleEndian(entry[EntryLayout.ChecksumOffset..]));

    private void RequireKnown(long offset, uint mark)
    {
        long known = state.Offset;
        if (offset == known && (state.Mark == 0 || state.Mark == mark))
        {
            return;
        }

        state.Forget();
        throw Changed(offset == known ? $"has another entry at offset {known} than before" : $"begins after offset {known}");
    }

    private EstreamStorageException Changed(string what) => new(
        $"The stream of '{directory}' {what}: it was created again, the brokers lost its end, or its retention has deleted the entry. It "
        + "is read again from its oldest entry.", directory, StorageFailure.Other);
}
