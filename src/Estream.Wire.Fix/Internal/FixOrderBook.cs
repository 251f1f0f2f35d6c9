using System.Diagnostics.CodeAnalysis;
using Estream.Trading;

namespace Estream.Wire.Fix.Internal;

/// <summary>
/// How the orders of one counterparty stand: what came in, less what was reported as filled. Thread-safe.
/// </summary>
/// <remarks>
/// With as many orders as there may be, the one that was filled longest ago leaves for the next; where none is filled, the oldest. A fill
/// that comes once more, among the newest of its order, is no second one.
/// </remarks>
/// <param name="maxOrders">How many orders are known at once.</param>
internal sealed class FixOrderBook(int maxOrders)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<FixId, Order> _orders = [];
    private readonly LinkedList<Order> _open = new();
    private readonly LinkedList<Order> _filled = new();

    /// <summary>How many orders are known.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _orders.Count;
            }
        }
    }

    /// <summary>
    /// Whether an order is to be added. A name may be used once more, it is unique for a day only: what asks for something else is another
    /// order, and so is one that is not sent again where the known one is filled.
    /// </summary>
    public bool IsNew(in FixOrderNote order, bool isSentAgain)
    {
        lock (_lock)
        {
            return !_orders.TryGetValue(order.Id, out Order? known) || !known.IsOf(order) || (!isSentAgain && known.Open == 0);
        }
    }

    /// <summary>Adds an order, in the place of one with the same name.</summary>
    public void Add(in FixOrderNote order)
    {
        lock (_lock)
        {
            if (_orders.TryGetValue(order.Id, out Order? known))
            {
                Remove(known);
            }

            if (_orders.Count >= maxOrders)
            {
                Remove((_filled.First ?? _open.First)!.Value);
            }

            Order added = new(order);
            _orders.Add(order.Id, added);
            _open.AddLast(added.Place);
        }
    }

    /// <summary>How an order stands cannot be told any more.</summary>
    public void Forget(FixId id)
    {
        lock (_lock)
        {
            if (_orders.TryGetValue(id, out Order? known))
            {
                Remove(known);
            }
        }
    }

    /// <summary>How an order will stand behind a fill.</summary>
    /// <returns>False where that cannot be told, with the reason.</returns>
    public bool TryStand(in FixFilled fill, out FixStanding standing, [NotNullWhen(false)] out string? refusal)
    {
        lock (_lock)
        {
            standing = default;
            refusal = null;
            if (!_orders.TryGetValue(fill.Order, out Order? order))
            {
                refusal = "its order did not come in here, or is forgotten (MaxOrders), so that how it stands is not known";
                return false;
            }

            if (order.TryRecall(fill.Fill, out standing))
            {
                return true;
            }

            if (fill.Quantity > order.Open)
            {
                refusal = "it is more than is open of its order";
                return false;
            }

            standing = order.Behind(fill);
            return true;
        }
    }

    /// <summary>A fill was reported.</summary>
    public void Take(in FixFilled fill)
    {
        lock (_lock)
        {
            if (!_orders.TryGetValue(fill.Order, out Order? order) || order.TryRecall(fill.Fill, out _) || fill.Quantity > order.Open)
            {
                return;
            }

            order.Take(fill);
            if (order.Open == 0 && order.Place.List == _open)
            {
                _open.Remove(order.Place);
                _filled.AddLast(order.Place);
            }
        }
    }

    private void Remove(Order order)
    {
        order.Place.List!.Remove(order.Place);
        _orders.Remove(order.Id);
    }

    private sealed class Order
    {
        // What was on its way when a process died comes again: a message or two of the queue, and some more after a power cut.
        private const int KeptFills = 16;

        private readonly byte[] _clientOrderId;
        private readonly ulong _quantity;
        private readonly List<Report> _reports = [];
        private ulong _filledQuantity;
        private UInt128 _paid;

        public Order(in FixOrderNote order)
        {
            Id = order.Id;
            _clientOrderId = order.ClientOrderId;
            _quantity = order.Quantity;
            Place = new LinkedListNode<Order>(this);
        }

        public FixId Id { get; }

        /// <summary>Where it stands among the open or the filled ones.</summary>
        public LinkedListNode<Order> Place { get; }

        public ulong Open => _quantity - _filledQuantity;

        /// <summary>Whether it asks for the same.</summary>
        public bool IsOf(in FixOrderNote order)
        {
            return _quantity == order.Quantity && _clientOrderId.AsSpan().SequenceEqual(order.ClientOrderId);
        }

        public FixStanding Behind(in FixFilled fill)
        {
            return Standing(_filledQuantity + fill.Quantity, _paid + fill.Paid);
        }

        public bool TryRecall(FixId fill, out FixStanding standing)
        {
            foreach (Report report in _reports)
            {
                if (report.Fill == fill)
                {
                    standing = Standing(report.Filled, report.Paid);
                    return true;
                }
            }

            standing = default;
            return false;
        }

        public void Take(in FixFilled fill)
        {
            _filledQuantity += fill.Quantity;
            _paid += fill.Paid;
            if (_reports.Count == KeptFills)
            {
                _reports.RemoveAt(0);
            }

            _reports.Add(new Report(fill.Fill, _filledQuantity, _paid));
        }

        /// <summary>An average has as many places as a price, the last one rounded.</summary>
        private FixStanding Standing(ulong filled, UInt128 paid)
        {
            ulong average = filled == 0 ? 0 : (ulong)((paid + (filled / 2)) / filled);
            return new FixStanding(filled, _quantity - filled, average, _clientOrderId);
        }

        /// <summary>A fill that was reported, and how the order stood behind it.</summary>
        private readonly record struct Report(FixId Fill, ulong Filled, UInt128 Paid);
    }
}

/// <summary>What a fill does to its order.</summary>
internal readonly record struct FixFilled(FixId Fill, FixId Order, ulong Quantity, ulong Price)
{
    public UInt128 Paid => (UInt128)Quantity * Price;

    public static FixFilled Of(EStreamFill.View fill)
    {
        return new FixFilled(FixId.Of(fill.FillId), FixId.Of(fill.OrderId), fill.Quantity, fill.Price);
    }
}

/// <summary>How an order stands.</summary>
/// <param name="Filled">What was filled of it.</param>
/// <param name="Open">What is open still.</param>
/// <param name="Average">At which price, 8 decimals.</param>
/// <param name="ClientOrderId">ClOrdID (11).</param>
internal readonly record struct FixStanding(ulong Filled, ulong Open, ulong Average, byte[] ClientOrderId);
