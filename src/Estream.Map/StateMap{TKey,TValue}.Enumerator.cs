using System.Collections;
using Estream.Map.Internal;

namespace Estream.Map;

public sealed partial class StateMap<TKey, TValue>
{
    /// <summary>
    /// Goes through the entries of a map; see <see cref="GetEnumerator"/>. A value type that allocates nothing. Not thread-safe itself, but
    /// the map may be written meanwhile: it goes by the hashes of the keys, which stay the same whatever table the map moves into. One that
    /// is overtaken by <see cref="Clear"/> ends early.
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

        /// <summary>The entry the last <see cref="MoveNext"/> found.</summary>
        public readonly KeyValuePair<TKey, TValue> Current => _current;

        readonly object IEnumerator.Current => _current;

        /// <summary>Goes on to the next entry.</summary>
        /// <returns>Whether there is one.</returns>
        /// <exception cref="ObjectDisposedException">The map was disposed meanwhile, so what is left cannot be seen any more.</exception>
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
                    else if (_table!.TryReadSlot(_bucket, _slot, out TKey key, out TValue value) && (_from == 0 || _table.HashOf(in key) >= _from))
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

        /// <summary>Does nothing: there is nothing to give back.</summary>
        public readonly void Dispose()
        {
        }

        // The next stripe, in whichever table it is now. If that is larger than the stripes before it, because the map has shrunk, a part
        // of its entries was met already: those with lower hashes.
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
