using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    /// <summary>
    /// Takes a snapshot of the map at one moment within this call; writing goes on. The snapshot has every change that returned before the
    /// call and none that begins after it. It may or may not have a concurrent change, in an order consistent with what readers see.
    /// </summary>
    /// <remarks>
    /// <para>The snapshot is the current table, which no longer changes. The map begins to migrate into another table of the same size,
    /// stripe by stripe as it is written, as when it grows. The map needs that much space again until the snapshot is disposed and, for
    /// files, the migration has ended. The first write to a stripe of about a thousand entries copies it, which takes some microseconds.
    /// Reads look at two tables until the migration has ended.</para>
    /// <para>Costs the creation of a table, which for files reserves its space. If the map is migrating already, this call finishes that
    /// migration first. With <see cref="MapWriters.Many"/> all writers wait meanwhile, some 20 ns for each thousand entries.</para>
    /// <para>Thread-safety: that of a write. Any thread may use the snapshot.</para>
    /// </remarks>
    /// <exception cref="EstreamStorageException">The disk has no room for another table, or the device reported an error. Nothing
    /// changed.</exception>
    /// <exception cref="InsufficientMemoryException">The map is in memory, and the system has no address space for another table. Nothing
    /// changed.</exception>
    /// <exception cref="EstreamLeaseException">Another writer has been resizing the map for a minute.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only: only a writer can take a snapshot, and lend it to readers
    /// (<see cref="LendSnapshot"/>). Enumerating needs no snapshot if it is enough that each entry is whole, and
    /// <see cref="TryGetTogether"/> reads several keys at one moment between two batches.</exception>
    public MapSnapshot<TKey, TValue> CreateSnapshot()
    {
        RequireWritable();
        return _writer.CreateSnapshot(isLeased: false);
    }

    /// <summary>
    /// Takes a snapshot as <see cref="CreateSnapshot"/> does, and lends it to every process that has the map open, also read-only; see
    /// <see cref="TryBorrowSnapshot"/>. The lease ends when the snapshot is disposed, the map is closed, or another snapshot is lent. A
    /// process that has borrowed the snapshot keeps it.
    /// </summary>
    /// <remarks>Costs as much as <see cref="CreateSnapshot"/>. The file of the table stays until the lease ends. Ending the lease costs a
    /// flush of one page.</remarks>
    /// <exception cref="EstreamStorageException">As for <see cref="CreateSnapshot"/>.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="CreateSnapshot"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only, or it is in memory.</exception>
    public MapSnapshot<TKey, TValue> LendSnapshot()
    {
        RequireWritable();
        if (Directory is null)
        {
            throw new InvalidOperationException(
                "The map is in memory: no other process sees it, and threads of this process can read any snapshot. Call CreateSnapshot.");
        }

        return _writer.CreateSnapshot(isLeased: true);
    }

    /// <summary>
    /// Borrows the snapshot that a writer lent last (<see cref="LendSnapshot"/>): all entries at one moment, to be read, enumerated and
    /// ordered while the map is written. A read-only process may call this too: the call writes nothing, takes no lock and does not disturb
    /// the writer. The snapshot stays valid until it is disposed, also after the death of the writer.
    /// </summary>
    /// <param name="snapshot">The snapshot, or <see langword="null"/>.</param>
    /// <returns>Whether there is one; false for a map in memory, and after the machine has stopped.</returns>
    /// <exception cref="EstreamStorageException">The file could not be read.</exception>
    /// <exception cref="EstreamCorruptionException">The file is damaged.</exception>
    public bool TryBorrowSnapshot([NotNullWhen(true)] out MapSnapshot<TKey, TValue>? snapshot)
    {
        _ = Tables();
        snapshot = _opener.TryOpenLeased(_meta) is { } table ? new MapSnapshot<TKey, TValue>(table, Directory) : null;
        return snapshot is not null;
    }
}
