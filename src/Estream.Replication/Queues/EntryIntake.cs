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

    private bool _isResuming;
    private int _shortSessions;

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
    /// <returns>Whether the rules decide on the entry; false if it was read before.</returns>
    /// <exception cref="EstreamStorageException">The stream is not the one that was read before. The next session reads it from its oldest
    /// entry.</exception>
    /// <exception cref="Circuits.Operations.Replication.EstreamReplicationException">The entry is damaged or foreign.</exception>
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
        return fault == EntryFault.None ? true : throw EntryErrors.Of(fault, directory, offset);
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
