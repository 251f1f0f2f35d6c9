using System.Diagnostics.CodeAnalysis;
using Estream.Trading;

namespace Estream.Wire.Fix.Internal;

/// <summary>Tracks the state of one counterparty's orders: ordered quantity less reported fills. Thread-safe.</summary>
/// <remarks>At the limit, a new order replaces the order that was filled longest ago, or the oldest order if no order is filled. A repeated
/// fill is recognised among the newest fills of its order and is not counted twice.</remarks>
/// <param name="maxOrders">The maximum number of tracked orders.</param>
internal sealed class FixOrderBook(int maxOrders)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<FixId, Order> _orders = [];
    private readonly LinkedList<Order> _open = new();
    private readonly LinkedList<Order> _filled = new();

    /// <summary>The number of tracked orders.</summary>
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

    /// <summary>Whether an order has to be added. A ClOrdID is unique only for a day and may be reused: an order is new if it differs from
    /// the tracked order with the same id, or if it has no PossDupFlag and the tracked order is filled.</summary>
    public bool IsNew(in FixOrderNote order, bool isSentAgain)
    {
        lock (_lock)
        {
            return !_orders.TryGetValue(order.Id, out Order? known) || !known.IsOf(order) || (!isSentAgain && known.Open == 0);
        }
    }

    /// <summary>Adds an order; replaces an order with the same id.</summary>
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

    /// <summary>Drops an order whose state is no longer known.</summary>
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

    /// <summary>Computes the state of an order after a fill.</summary>
    /// <returns>False, with the reason, if the state is not known.</returns>
    public bool TryStand(in FixFilled fill, out FixStanding standing, [NotNullWhen(false)] out string? refusal)
    {
        lock (_lock)
        {
            standing = default;
            refusal = null;
            if (!_orders.TryGetValue(fill.Order, out Order? order))
            {
                refusal = "its order was not received here or was dropped (MaxOrders), so the state of the order is unknown";
                return false;
            }

            if (order.TryRecall(fill.Fill, out standing))
            {
                return true;
            }

            if (fill.Quantity > order.Open)
            {
                refusal = "its quantity exceeds the open quantity of its order";
                return false;
            }

            standing = order.Behind(fill);
            return true;
        }
    }

    /// <summary>Records a reported fill.</summary>
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
        // After a crash, the fills in flight are repeated: one or two messages of the queue, and some more after a power cut.
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

        /// <summary>The node of the order in the list of open or filled orders.</summary>
        public LinkedListNode<Order> Place { get; }

        public ulong Open => _quantity - _filledQuantity;

        /// <summary>Whether a note has the same quantity and ClOrdID.</summary>
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

        /// <summary>Builds the state. The average price has as many decimals as a price and is rounded to the nearest.</summary>
        private FixStanding Standing(ulong filled, UInt128 paid)
        {
            ulong average = filled == 0 ? 0 : (ulong)((paid + (filled / 2)) / filled);
            return new FixStanding(filled, _quantity - filled, average, _clientOrderId);
        }

        /// <summary>A reported fill, and the state of the order after it.</summary>
        private readonly record struct Report(FixId Fill, ulong Filled, UInt128 Paid);
    }
}

/// <summary>The effect of a fill on its order.</summary>
internal readonly record struct FixFilled(FixId Fill, FixId Order, ulong Quantity, ulong Price)
{
    public UInt128 Paid => (UInt128)Quantity * Price;

    public static FixFilled Of(EStreamFill.View fill)
    {
        return new FixFilled(FixId.Of(fill.FillId), FixId.Of(fill.OrderId), fill.Quantity, fill.Price);
    }
}

/// <summary>The state of an order.</summary>
/// <param name="Filled">The filled quantity.</param>
/// <param name="Open">The open quantity.</param>
/// <param name="Average">The average price with 8 decimals.</param>
/// <param name="ClientOrderId">ClOrdID (11).</param>
internal readonly record struct FixStanding(ulong Filled, ulong Open, ulong Average, byte[] ClientOrderId);
