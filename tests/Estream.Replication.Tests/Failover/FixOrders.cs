namespace Estream.Replication.Tests.Failover;

/// <summary>A counterparty whose FIX session continues on the host that takes over. Orders that the host asks for are sent again, so the
/// host stores each order once. Not thread-safe, except <see cref="Answered"/>.</summary>
internal sealed class FixOrders(int port)
{
    private const int PerAnswer = 10;

    private readonly SortedDictionary<int, string> _orders = [];
    private int _next = 1;
    private int _answered;

    /// <summary>The orders that the host has answered.</summary>
    public int Answered => Volatile.Read(ref _answered);

    /// <summary>The names of all orders that were sent.</summary>
    public IReadOnlyCollection<string> Sent => _orders.Values;

    /// <summary>Logs on and sends orders until the connection ends.</summary>
    /// <param name="round">The number in the names of the orders.</param>
    public void Run(int round)
    {
        using FixDesk desk = LogOn();
        for (int i = 0; ; i++)
        {
            _orders.Add(_next, $"f{round}-{i}.");
            desk.SendOrder(_next, _orders[_next++], isRepeated: false);
            if (i % PerAnswer == 0)
            {
                Synchronize(desk);
            }
        }
    }

    /// <summary>Logs on, and waits until the host has all orders.</summary>
    public void Finish() => LogOn().Dispose();

    private FixDesk LogOn()
    {
        FixDesk desk = new(port);
        desk.Send("A", _next++, "98=0|108=30");
        _ = desk.Receive("A");
        Synchronize(desk);
        return desk;
    }

    // The answer to a test request shows that the host has stored all orders before it.
    private void Synchronize(FixDesk desk)
    {
        int request = Ask(desk);
        while (true)
        {
            string message = desk.Receive();
            if (message.Contains($"\u0001112=t{request}\u0001", StringComparison.Ordinal))
            {
                Volatile.Write(ref _answered, _orders.Count);
                return;
            }

            if (message.Contains("\u000135=2\u0001", StringComparison.Ordinal))
            {
                Repeat(desk, FixDesk.NumberOf(message, "7"));
                request = Ask(desk);
            }
        }
    }

    private int Ask(FixDesk desk)
    {
        desk.Send("1", _next, $"112=t{_next}");
        return _next++;
    }

    private void Repeat(FixDesk desk, int first)
    {
        for (int number = first; number < _next; number++)
        {
            if (_orders.TryGetValue(number, out string? order))
            {
                desk.SendOrder(number, order, isRepeated: true);
            }
            else
            {
                desk.Send("4", number, $"43=Y|122=20260707-12:30:00|123=Y|36={number + 1}");
            }
        }
    }
}
