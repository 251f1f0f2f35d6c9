using Estream.Core;

namespace Estream.Map.Internal;

/// <summary>
/// Changes entries for the single writer of a map of bytes with versions. An expired entry counts as missing, and is removed unless
/// another value replaces it. Versions are numbered in bytes.meta for the whole map, because it has one writer.
/// </summary>
internal sealed class VersionedEntryStore(
    EntryStore entries, StateMap<nuint, nuint> index, HeapView view, ByteMeta meta, IClock clock, string place)
{
    /// <summary>After this many writes, the writer searches the next <see cref="EntriesPerRun"/> entries for expired ones.</summary>
    private const int WritesPerRun = 16;
    private const int EntriesPerRun = 64;

    private StateMap<nuint, nuint>.Enumerator _sweep;
    private bool _isSweeping;
    private int _writes;

    /// <summary>Stores a value if the entry has the expected version.</summary>
    public bool Store(ReadOnlySpan<byte> key, long expected, ReadOnlySpan<byte> value, TimeSpan? timeToLive, out long version)
    {
        long expiresAt = Note(timeToLive);
        bool isThere = Find(key, out LocatedEntry entry, out version);
        bool isRight = expected == Stamp.AnyVersion || expected == version;
        if (isRight)
        {
            // LastVersion is advanced before the entry gets the version, so a crash can skip a version but never reuse one.
            meta.LastVersion = version = meta.LastVersion + 1;
            entries.Store(in entry, key, new Stamp(version, expiresAt), value);
        }
        else
        {
            RemoveIfExpired(in entry, isThere, key);
        }

        Sweep();
        return isRight;
    }

    /// <summary>Removes an entry if it has the expected version.</summary>
    public bool Remove(ReadOnlySpan<byte> key, long expected)
    {
        bool isThere = Find(key, out LocatedEntry entry, out long version);
        bool isRight = isThere && (expected == Stamp.AnyVersion || expected == version);
        if (isRight)
        {
            entries.Remove(in entry, key, MapChangeKind.Remove);
        }
        else
        {
            RemoveIfExpired(in entry, isThere, key);
        }

        Sweep();
        return isRight;
    }

    /// <summary>Sets the expiry of an entry, by storing its value again.</summary>
    public bool Touch(ReadOnlySpan<byte> key, TimeSpan? timeToLive)
    {
        long expiresAt = Note(timeToLive);
        bool isThere = Find(key, out LocatedEntry entry, out long version);
        if (isThere)
        {
            FoundBlock found = entry.Found;
            using HeldBytes value = found.Segment.HoldValue(found.At, in found.Head, place);
            entries.Store(in entry, key, new Stamp(version, expiresAt), value.Span[Stamp.Bytes..]);
        }
        else
        {
            RemoveIfExpired(in entry, isThere, key);
        }

        return isThere;
    }

    /// <summary>Applies a put of another map, with its version and expiry, unless the entry has a later version.</summary>
    public void ApplyPut(in MapChange change)
    {
        NoteEnd(change.ExpiresAt);
        if (change.Version > meta.LastVersion)
        {
            meta.LastVersion = change.Version;
        }

        if (!entries.Locate(change.Key, out LocatedEntry entry) || IsOlder(in entry, in change))
        {
            entries.Store(in entry, change.Key, new Stamp(change.Version, change.ExpiresAt), change.Value);
        }

        Sweep();
    }

    /// <summary>Applies a removal of another map.</summary>
    public void ApplyRemove(in MapChange change)
    {
        if (entries.Locate(change.Key, out LocatedEntry entry))
        {
            entries.Remove(in entry, change.Key, change.Kind);
        }

        Sweep();
    }

    /// <summary>Applies a batch if every version is as required.</summary>
    public bool Commit(ByteBatchPlan plan, MapBatch<nuint, nuint> references)
    {
        entries.Reclaim();
        for (int index = 0; index < plan.Count; index++)
        {
            ref ByteBatchItem item = ref plan[index];
            bool isThere = Find(plan.KeyOf(index), out item.Entry, out long version);
            if (item.Requirement == ByteRequirement.Version && item.ExpectedVersion != version)
            {
                return false;
            }

            bool isOver = item.Entry.IsThere && !isThere;
            item.Outcome = item.Asked == EntryOutcome.Put || isThere ? item.Asked : isOver ? EntryOutcome.Expire : EntryOutcome.Keep;
        }

        GiveVersions(plan);
        entries.Make(plan, references);
        Sweep();
        return true;
    }

    /// <summary>Removes all expired entries.</summary>
    public long RemoveExpired()
    {
        long removed = 0;
        long now = clock.CoarseUtcNanos;
        foreach ((nuint hash, nuint _) in index)
        {
            removed += RemoveOver(hash, now);
        }

        return removed;
    }

    /// <summary>Starts the search for expired entries over, because the map has other entries now.</summary>
    public void StartOver() => _isSweeping = false;

    // Assigns versions to the items of a batch. LastVersion is advanced before any entry gets its version, so a crash can skip versions but
    // never reuse one.
    private void GiveVersions(ByteBatchPlan plan)
    {
        long version = meta.LastVersion;
        for (int index = 0; index < plan.Count; index++)
        {
            ref ByteBatchItem item = ref plan[index];
            if (item.Outcome == EntryOutcome.Put)
            {
                item.Stamp = new Stamp(++version, item.ExpiresAt);
                NoteEnd(item.ExpiresAt);
            }
        }

        meta.LastVersion = version;
    }

    private long Note(TimeSpan? timeToLive)
    {
        long expiresAt = Stamp.EndOf(timeToLive, clock);
        NoteEnd(expiresAt);
        return expiresAt;
    }

    // Called before the first entry with an expiry is stored: from then on the writer searches for expired entries.
    private void NoteEnd(long expiresAt)
    {
        if (expiresAt != Stamp.Never && !meta.HasExpiring)
        {
            meta.HasExpiring = true;
        }
    }

    /// <returns>Whether the map has the key, and the entry has not expired.</returns>
    private bool Find(ReadOnlySpan<byte> key, out LocatedEntry entry, out long version)
    {
        version = Stamp.NoVersion;
        if (!entries.Locate(key, out entry))
        {
            return false;
        }

        long now = clock.CoarseUtcNanos;
        FoundBlock found = entry.Found;
        if (found.Segment.ReadStamp(found.At, in found.Head, now, out Stamp stamp) != BlockOutcome.Found)
        {
            HeapErrors.NoSuchBlock(place, found.At);
        }

        bool isOver = Stamp.IsOver(stamp.ExpiresAt, now);
        version = isOver ? Stamp.NoVersion : stamp.Version;
        return !isOver;
    }

    // A new expiry keeps the version.
    private bool IsOlder(in LocatedEntry entry, in MapChange change)
    {
        FoundBlock found = entry.Found;
        if (found.Segment.ReadStamp(found.At, in found.Head, clock.CoarseUtcNanos, out Stamp stamp) != BlockOutcome.Found)
        {
            HeapErrors.NoSuchBlock(place, found.At);
        }

        return stamp.Version < change.Version || (stamp.Version == change.Version && stamp.ExpiresAt != change.ExpiresAt);
    }

    private void RemoveIfExpired(in LocatedEntry entry, bool isThere, ReadOnlySpan<byte> key)
    {
        if (entry.IsThere && !isThere)
        {
            entries.Remove(in entry, key, MapChangeKind.Expire);
        }
    }

    private void Sweep()
    {
        if (!meta.HasExpiring || ++_writes < WritesPerRun)
        {
            return;
        }

        _writes = 0;
        try
        {
            SweepSome(clock.CoarseUtcNanos);
        }
        catch (Exception failure) when (failure is EstreamException or SystemException)
        {
            // The write that triggered the search is complete and does not depend on the search, even if a sink fails. A later write
            // searches again. It first resolves the feed intent that this search left, or fails if it cannot.
        }
    }

    private void SweepSome(long now)
    {
        _sweep = _isSweeping ? _sweep : index.GetEnumerator();
        _isSweeping = true;
        for (int looked = 0; looked < EntriesPerRun && _isSweeping; looked++)
        {
            _isSweeping = _sweep.MoveNext();
            if (_isSweeping)
            {
                RemoveOver(_sweep.Current.Key, now);
            }
        }
    }

    // Removes the expired entries of a hash one after the other, with a new lookup for each. If several entries have the same hash, each
    // removal changes the reference in the index.
    private long RemoveOver(nuint hash, long now)
    {
        long removed = 0;
        while (index.TryGet(in hash, out nuint word) && TryFindOver(new BlockRef(word), now, out FoundBlock found)
            && found.Segment.TryHoldKey(found.At, out HeldBytes key))
        {
            using (key)
            {
                var entry = new LocatedEntry { Hash = hash, Root = new BlockRef(word), IsThere = true, Found = found };
                entries.Remove(in entry, key.Span, MapChangeKind.Expire);
            }

            removed++;
        }

        return removed;
    }

    // A damaged entry stays, so that reading it reports the damage.
    private bool TryFindOver(BlockRef root, long now, out FoundBlock found)
    {
        found = default;
        if (!root.IsList)
        {
            found.Member = -1;
            return IsOver(root, now, ref found);
        }

        Span<byte> buffer = stackalloc byte[BlockRefList.MaxBytes];
        bool isRead = view.ReadList(root, buffer, out Span<byte> members) == BlockOutcome.Found;
        for (int member = 0; isRead && member < BlockRefList.CountOf(members); member++)
        {
            found.Member = member;
            if (IsOver(BlockRefList.At(members, member), now, ref found))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsOver(BlockRef at, long now, ref FoundBlock found)
    {
        if (view.Segment(at.Segment) is not { } segment || segment.ReadHead(at, out BlockHead head) != BlockOutcome.Found)
        {
            return false;
        }

        (found.Segment, found.At, found.Head) = (segment, at, head);
        return segment.ReadStamp(at, in head, now, out Stamp stamp) == BlockOutcome.Found && Stamp.IsOver(stamp.ExpiresAt, now);
    }
}
