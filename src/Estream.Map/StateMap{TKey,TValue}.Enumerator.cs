using System.Collections;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    /// <summary>
    /// Enumerates the entries of a map; see <see cref="GetEnumerator"/>. A value type that allocates nothing. Not thread-safe itself, but
    /// the map may be written meanwhile: the enumeration follows the hashes of the keys, which are the same in every table. A
    /// <see cref="Clear"/> ends it early.
    /// </summary>
    public struct Enumerator : IEnumerator<KeyValuePair<TKey, TValue>>
    {
        private readonly StateMap<TKey, TValue> _map;
        private Table<TKey, TValue>? _table;
        private long _bucket;
        private long _end;
        private int _slot;
        private ulong _from;
        private ulong _next;
        private bool _isLast;
        private KeyValuePair<TKey, TValue> _current;

        internal Enumerator(StateMap<TKey, TValue> map)
        {
            _map = map;
            Reset();
        }

        /// <summary>The current entry.</summary>
        public readonly KeyValuePair<TKey, TValue> Current => _current;

        readonly object IEnumerator.Current => _current;

        /// <summary>Advances to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="ObjectDisposedException">The map was disposed.</exception>
        public bool MoveNext()
        {
            if (_table is { IsDisposed: true })
            {
                ThrowHelper.Disposed();
            }

            do
            {
                while (_bucket < _end)
                {
                    if (++_slot == SlotLayout<TKey, TValue>.SlotsPerBucket)
                    {
                        _slot = -1;
                        _bucket++;
                    }
                    else if (_table!.TryReadSlot(_bucket, _slot, out TKey key, out TValue value)
                        && (_from == 0 || _table.HashOf(in key) >= _from))
                    {
                        _current = new KeyValuePair<TKey, TValue>(key, value);
                        return true;
                    }
                }
            }
            while (TryGoOn());

            return false;
        }

        /// <summary>Starts over.</summary>
        public void Reset()
        {
            _table = null;
            _bucket = 0;
            _end = 0;
            _slot = -1;
            _next = 0;
            _isLast = false;
            _current = default;
        }

        /// <summary>Does nothing.</summary>
        public readonly void Dispose()
        {
        }

        // Moves to the next stripe, in the table that holds it now. After the map has shrunk, the stripe covers more hashes than the
        // previous stripe, and the enumeration skips hashes that it has passed.
        private bool TryGoOn()
        {
            TablePair<TKey, TValue> tables = _map.Tables();
            if (_isLast)
            {
                return false;
            }

            Table<TKey, TValue> table = tables.Holder(_next);
            long stripe = table.StripeOfHash(_next);
            _table = table;
            _from = table.FirstHashOf(stripe) < _next ? _next : 0;
            _bucket = table.FirstBucketOf(stripe);
            _end = table.FirstBucketOf(stripe + 1);
            _slot = -1;
            _next = table.FirstHashOf(stripe + 1);
            _isLast = stripe + 1 == table.StripeCount;
            return true;
        }
    }
}
