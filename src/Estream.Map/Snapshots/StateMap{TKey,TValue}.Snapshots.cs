using System.Diagnostics.CodeAnalysis;
using Estream.Core;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    private Loan<TKey, TValue>? _loan;

    /// <summary>
    /// Takes an image of the map as it is at one moment within this call, and lets writing go on: every change that had returned before the
    /// call is in the image, none that begins after it has returned is, and of those that other writers are at meanwhile each is or is not,
    /// in an order that all who read the map agree with.
    /// </summary>
    /// <remarks>
    /// <para>The image is the present table, which is left behind as it is: the map begins to move into another one of the same size,
    /// stripe by stripe as it is written, as it does when it grows. So the map needs that much space once more, from now on until the
    /// snapshot is disposed and, of the files, the move is through; a write that comes first to a stripe of about a thousand entries copies
    /// it, some microseconds; gets look at two tables until all is moved.</para>
    /// <para>Costs the making of a table, which for files is the reservation of its space; if the map is moving, be it that it grows or
    /// that another snapshot was just taken, also what is left of that, about as long as copying it; and with
    /// <see cref="MapWriters.Many"/>, for whom nobody writes meanwhile, some 20 ns for each thousand entries.</para>
    /// <para>Thread-safety: a call that writes, so where one thread writes it is that thread's. What it returns may be used by any
    /// thread.</para>
    /// </remarks>
    /// <exception cref="EstreamStorageException">The disk has no room for another table, or the device reported an error. Nothing
    /// changed.</exception>
    /// <exception cref="InsufficientMemoryException">The map is in memory, and the system has no address space for another table. Nothing
    /// changed.</exception>
    /// <exception cref="EstreamLeaseException">Another writer has been moving the map for a minute.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only: only a writer can leave a table behind, and lend it
    /// (<see cref="LendSnapshot"/>) to who reads. Enumerating needs no snapshot where it is enough that each entry is whole, and
    /// <see cref="TryGetTogether"/> reads several keys at one moment between two batches.</exception>
    public MapSnapshot<TKey, TValue> CreateSnapshot()
    {
        RequireWritable();
        return _mover is { } mover ? mover.Freeze(isLent: false) : Many().Freeze(isLent: false);
    }

    /// <summary>
    /// Takes an image as <see cref="CreateSnapshot"/> does, and lends it to all who have the map open, also to read it only:
    /// <see cref="TryBorrowSnapshot"/>. It is lent until it is disposed, the map is closed, or another one is lent; who has borrowed it by
    /// then keeps it.
    /// </summary>
    /// <remarks>Costs what <see cref="CreateSnapshot"/> costs. The table's file stays until the lending ends, which costs a flush of one
    /// page.</remarks>
    /// <exception cref="EstreamStorageException">As for <see cref="CreateSnapshot"/>.</exception>
    /// <exception cref="EstreamLeaseException">As for <see cref="CreateSnapshot"/>.</exception>
    /// <exception cref="InvalidOperationException">The map was opened read-only, or it is in memory.</exception>
    public MapSnapshot<TKey, TValue> LendSnapshot()
    {
        RequireWritable();
        if (Directory is null)
        {
            throw new InvalidOperationException("The map is in memory: no other process sees it, and threads of this one read any snapshot. Call CreateSnapshot.");
        }

        return _mover is { } mover ? mover.Freeze(isLent: true) : Many().Freeze(isLent: true);
    }

    /// <summary>
    /// The image of the map that a writer has lent last (<see cref="LendSnapshot"/>): what all keys were at one moment, to be asked,
    /// enumerated and put in order while the map is written. A process that may only read gets it as well; nothing is written, no lock is
    /// taken, and the writer does not notice. It stays as it is until it is disposed, also behind the death of the writer.
    /// </summary>
    /// <param name="snapshot">The image, or <see langword="null"/>.</param>
    /// <returns>Whether there is one: not in a map in memory, and not behind a stop of the machine.</returns>
    /// <exception cref="EstreamStorageException">The file may not be read.</exception>
    /// <exception cref="EstreamCorruptionException">The file is damaged.</exception>
    public bool TryBorrowSnapshot([NotNullWhen(true)] out MapSnapshot<TKey, TValue>? snapshot)
    {
        _ = Tables();
        snapshot = _opener.TryOpenLent(_meta) is { } table ? new MapSnapshot<TKey, TValue>(table, Directory) : null;
        return snapshot is not null;
    }

    private void Lend(Table<TKey, TValue> table, MapSnapshot<TKey, TValue> snapshot)
    {
        _opener.Lend(_meta, table.Generation);

        // There is another one now, so this only lets go.
        _loan?.End();
        _loan = new Loan<TKey, TValue>(_opener, _meta, table.Generation);
        snapshot.Loan = _loan;
    }

    // Above this a copy of the same size would be full soon after, or before all is moved.
    private static bool IsGrowingSoon(Table<TKey, TValue> table, long entries) => entries > table.EntryLimit / 4 * 3;

    private sealed partial class Mover
    {
        public MapSnapshot<TKey, TValue> Freeze(bool isLent)
        {
            // First, since it is the table behind the move that is to be large enough, and not the one that was too small.
            Finish();
            if (isLent)
            {
                _map._table!.NoteLeft(_map._opener.Clock.CoarseUtcNanos, _map._meta);
            }

            Table<TKey, TValue> table = BeginMove(isGrowing: IsGrowingSoon(_map._table!, _count));
            var snapshot = new MapSnapshot<TKey, TValue>(table, _map._meta, _map.Directory, _map._opener.Clock.CoarseUtcNanos);
            if (isLent)
            {
                _map.Lend(table, snapshot);
            }

            return snapshot;
        }
    }

    private sealed partial class ManyWriters
    {
        public MapSnapshot<TKey, TValue> Freeze(bool isLent)
        {
            WriterHand hand = _roster.Rent();
            try
            {
                using IDisposable moving = AwaitMovingLock();
                FinishMove(hand.Word);
                Table<TKey, TValue> table = _map.Tables().Current;
                table.RequireUnmoved();
                int times = IsGrowingSoon(table, table.EntriesOfUnit(0, 1)) ? 2 : 1;
                return LeaveBehind(table, _map._opener.CreateNext(table, table.Plan.BucketCount * times), hand.Word, isLent);
            }
            finally
            {
                _roster.Return(hand);
            }
        }

        // While every stripe is locked nobody is between the look that makes a change count and the change, so whatever is here is all
        // there is, and stays.
        private MapSnapshot<TKey, TValue> LeaveBehind(Table<TKey, TValue> table, Table<TKey, TValue> next, long owner, bool isLent)
        {
            try
            {
                LockAll(table, owner);
            }
            catch
            {
                _map._opener.Abandon(next);
                throw;
            }

            var snapshot = new MapSnapshot<TKey, TValue>(table, _map._meta, _map.Directory, _map._opener.Clock.CoarseUtcNanos);
            if (isLent)
            {
                table.NoteLeft(snapshot.TakenAt, _map._meta);
            }

            PublishAndUnlockAll(table, new TablePair<TKey, TValue>(table, next));
            if (isLent)
            {
                // No move is ended before: the caller has moving.lock.
                _map.Lend(table, snapshot);
            }

            return snapshot;
        }
    }
}
