using Estream.Core;
using Estream.Map;
using Estream.Queue;

namespace Estream.Circuits.Operations.Replication;

/// <summary>
/// A map that follows another map: it starts with a snapshot and applies all later changes. Each change contains the whole entry, so
/// applying it twice is harmless. The replica stores its position in its own user words, after applying the changes.
/// </summary>
internal sealed class LocalMapReplica : IReplica
{
    private const string ReaderPrefix = "replica-";

    private const string RestartHint = "To restart with a snapshot, move the replica away";

    // Indices of the user words of the replica.
    private const int StateWord = 0;
    private const int FeedWord = 1;
    private const int PositionWord = 2;
    private const int CountWord = 3;
    private const int ClosedWord = 4;

    // Values of StateWord; it is 0 in a map that is not a replica.
    private const long Copying = 0x45535245504C0001;
    private const long Following = 0x45535245504C0002;

    private readonly OperationMap _source;
    private readonly EstreamQueue _feed;
    private readonly ReplicaEntries _target;
    private readonly string _directory;
    private readonly string _reader;
    private readonly QueueTailer _tailer;

    // Retains the changes that the replica needs next. The tailer follows the position stored in the replica.
    private readonly QueueTailer _hold;

    private LocalMapReplica(string directory, string reader, OperationMap source, EstreamQueue feed, ReplicaEntries target)
    {
        (_directory, _reader, _source, _feed, _target) = (directory, reader, source, feed, target);
        RequireOwn();
        _hold = feed.CreateTailer(reader);
        _tailer = feed.CreateTailer();
        try
        {
            if (_target.UserWord(StateWord) == Following)
            {
                Resume();
            }

            _target.SetUserWord(ClosedWord, 0);
        }
        catch
        {
            _tailer.Dispose();
            _hold.Dispose();
            throw;
        }
    }

    /// <param name="directory">The directory of the replica.</param>
    /// <param name="name">The name of the replica.</param>
    /// <param name="source">The map to follow.</param>
    /// <param name="feed">The queue of its changes.</param>
    /// <param name="keys">The master keys of the replica of an encrypted map.</param>
    /// <param name="clock">The clock by which entries expire.</param>
    /// <param name="storage">The storage of the replica.</param>
    public static LocalMapReplica Open(string directory, string name, OperationMap source, EstreamQueue feed, QueueKeyRing? keys,
        IClock clock, IStorage storage)
    {
        bool isEncrypted = source.Plain?.IsEncrypted ?? source.Versioned?.IsEncrypted ?? false;
        if (isEncrypted && keys is null)
        {
            throw new ArgumentException(
                $"The map '{source.Directory}' is encrypted, and its replica '{directory}' would be plaintext. Give "
                + $"{nameof(LocalReplicationEngine)} keys for it.", nameof(source));
        }

        ReplicaEntries target =
            ReplicaEntries.Open(directory, source.Versioned is not null, isEncrypted ? keys : null, clock, storage);
        try
        {
            return new LocalMapReplica(directory, ReaderPrefix + name, source, feed, target);
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }

    public ReplicationProgress Advance(long most)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        (long messages, long bytes) = (0, 0);
        if (_target.UserWord(StateWord) != Following)
        {
            CopyAll(ref messages, ref bytes);
        }

        long changes = 0;
        try
        {
            Follow(most, ref changes, ref bytes);
        }
        catch (EstreamStorageException full) when (full.Reason == StorageFailure.DiskFull && messages + changes > 0)
        {
            // Report the work that was done. The next call, which can do no work, throws because the disk is full.
        }

        Note();
        TailerInfo place = _feed.GetInfo().Tailers.First(known => known.Name == _reader);
        return new ReplicationProgress(messages + changes, bytes, _tailer.Position, place.LagMessages ?? 0, place.LagBytes);
    }

    public void Dispose()
    {
        _tailer.Dispose();
        _hold.Dispose();
        _target.SetUserWord(CountWord, _target.Count);
        _target.SetUserWord(ClosedWord, 1);
        _target.Dispose();
    }

    // The reader advances only after a change is applied: a change that did not fit on the disk is read again.
    private void Follow(long most, ref long changes, ref long bytes)
    {
        while (changes < most && _tailer.TryPeek(out QueueMessage message))
        {
            if (MapChange.TryRead(message.Payload, out MapChange change))
            {
                _target.Apply(in change);
                changes++;
                bytes += change.Key.Length + change.Value.Length;
            }

            _ = _tailer.TryRead(out _);
        }
    }

    private void RequireOwn()
    {
        long state = _target.UserWord(StateWord);
        if (state is not (Copying or Following))
        {
            if (_target.Count > 0 || state != 0)
            {
                throw Fault(ReplicationFault.NotAReplica, "is not a replica. Move it away, or give the replica another name");
            }

            return;
        }

        if (_target.UserWord(FeedWord) != _feed.Id)
        {
            throw Fault(ReplicationFault.NotAReplica,
                $"follows a change feed other than '{_feed.Directory}'. Move it away, or give the replica another name");
        }

        if (_target.UserWord(ClosedWord) == 1 && _target.Count != _target.UserWord(CountWord))
        {
            throw Fault(ReplicationFault.Diverged,
                $"had {_target.UserWord(CountWord)} entries when it was closed and now has {_target.Count}: another program wrote to it. "
                + $"{RestartHint}");
        }

        // A crash of the machine may have lost entries, so the replica is copied again: the source still has all entries.
        if (_target.HostCrashed)
        {
            _target.SetUserWord(StateWord, Copying);
        }
    }

    private void Resume()
    {
        long position = _target.UserWord(PositionWord);
        try
        {
            _tailer.Seek(position);
            _hold.Seek(position);
        }
        catch (ArgumentException other)
        {
            throw Fault(ReplicationFault.Diverged,
                $"is at position {position} of '{_feed.Directory}', where no change starts: the queue was truncated, or is an older "
                + $"copy. {RestartHint}", other);
        }
        catch (EstreamStorageException gone) when (gone.Reason == StorageFailure.NotFound)
        {
            throw Fault(ReplicationFault.Truncated,
                $"is at position {position} of '{_feed.Directory}', which retention has reclaimed. {RestartHint}", gone);
        }
    }

    // This thread writes the source, so nothing changes between the end of the feed and the snapshot.
    private void CopyAll(ref long messages, ref long bytes)
    {
        _target.SetUserWord(FeedWord, _feed.Id);
        _target.SetUserWord(StateWord, Copying);
        _target.Clear();
        _tailer.SeekToEnd();
        if (_source.Versioned is VersionedByteMap versioned)
        {
            using VersionedByteMapSnapshot snapshot = versioned.CreateSnapshot();
            foreach (VersionedByteMapEntry entry in snapshot)
            {
                _target.Apply(new MapChange(MapChangeKind.Put, entry.Key, entry.Value, entry.Version, entry.ExpiresAt));
                messages++;
                bytes += entry.Key.Length + entry.Value.Length;
            }
        }
        else
        {
            using ByteMapSnapshot snapshot = _source.Plain!.CreateSnapshot();
            foreach (ByteMapEntry entry in snapshot)
            {
                _target.Apply(new MapChange(MapChangeKind.Put, entry.Key, entry.Value));
                messages++;
                bytes += entry.Key.Length + entry.Value.Length;
            }
        }

        Note();
        _target.SetUserWord(StateWord, Following);
    }

    private void Note()
    {
        _target.SetUserWord(PositionWord, _tailer.Position);
        _hold.Seek(_tailer.Position);
    }

    private EstreamReplicationException Fault(ReplicationFault fault, string what, Exception? cause = null) =>
        new($"The replica '{_directory}' of map '{_source.Directory ?? "in memory"}' {what}.", _directory, fault, cause);
}
