using System.Text;
using Estream.Wire.Fix.Internal;

namespace Estream.Wire.Fix.Tests.Adapter;

/// <summary>The state of orders: averages, limits and reused ids.</summary>
public class OrderBookTests
{
    [Fact]
    public void Average_price_covers_all_fills_and_is_rounded()
    {
        FixOrderBook book = Book(10, ("a", 6));

        Assert.Equal((1UL, 5UL, 100UL), Take(book, 1, "a", 1, 100));
        Assert.Equal((3UL, 3UL, 101UL), Take(book, 2, "a", 2, 101));
        Assert.Equal((6UL, 0UL, 100UL), Take(book, 3, "a", 3, 100));
    }

    [Fact]
    public void Average_price_does_not_overflow_with_the_largest_numbers()
    {
        FixOrderBook book = Book(1, ("a", ulong.MaxValue));

        Assert.Equal((ulong.MaxValue - 1, 1UL, ulong.MaxValue), Take(book, 1, "a", ulong.MaxValue - 1, ulong.MaxValue));
        Assert.Equal((ulong.MaxValue, 0UL, ulong.MaxValue), Take(book, 2, "a", 1, ulong.MaxValue));
    }

    [Fact]
    public void Full_book_drops_the_order_filled_longest_ago_then_the_oldest()
    {
        FixOrderBook book = Book(3, ("a", 1), ("b", 1), ("c", 1));
        Take(book, 1, "c", 1, 1);
        Take(book, 2, "b", 1, 1);

        book.Add(Note("d", 1));
        Assert.Equal("a b d", Known(book));
        book.Add(Note("e", 1));
        Assert.Equal("a d e", Known(book));
        book.Add(Note("f", 1));
        Assert.Equal("d e f", Known(book));

        Assert.Contains("was dropped (MaxOrders)", Refusal(book, 3, "a", 1), StringComparison.Ordinal);
        Assert.Equal(3, book.Count);
    }

    [Fact]
    public void Repeated_fill_is_not_counted_twice()
    {
        FixOrderBook book = Book(10, ("a", 5));
        Take(book, 1, "a", 2, 1);
        Take(book, 2, "a", 3, 1);

        Assert.Equal((2UL, 3UL, 1UL), Take(book, 1, "a", 2, 1));
        Assert.Equal((5UL, 0UL, 1UL), Take(book, 2, "a", 3, 1));
        Assert.Equal("its quantity exceeds the open quantity of its order", Refusal(book, 3, "a", 1));
    }

    [Fact]
    public void Reused_ClOrdID_is_a_new_order_once_the_first_is_filled()
    {
        FixOrderBook book = Book(10, ("a", 5));
        Assert.False(book.IsNew(Note("a", 5), isSentAgain: false));
        Take(book, 1, "a", 5, 1);

        Assert.False(book.IsNew(Note("a", 5), isSentAgain: true));
        Assert.True(book.IsNew(Note("a", 5), isSentAgain: false));
        book.Add(Note("a", 8));

        Assert.Equal((5UL, 3UL, 1UL), Take(book, 2, "a", 5, 1));
        Assert.Equal(1, book.Count);
    }

    [Fact]
    public void Reused_ClOrdID_with_other_content_is_a_new_order()
    {
        FixOrderBook book = Book(10, ("a", 5));
        Take(book, 1, "a", 2, 1);

        Assert.False(book.IsNew(Note("a", 5), isSentAgain: false));
        Assert.True(book.IsNew(Note("a", 8), isSentAgain: false));
        Assert.True(book.IsNew(Note("a", 8), isSentAgain: true));
        Assert.True(book.IsNew(Note("a", 5) with { ClientOrderId = "b"u8.ToArray() }, isSentAgain: false));
        book.Add(Note("a", 8));

        Assert.Equal((8UL, 0UL, 1UL), Take(book, 2, "a", 8, 1));
    }

    [Fact]
    public void Fill_with_quantity_0_does_not_change_the_state_of_an_order()
    {
        FixOrderBook book = Book(2, ("a", 5), ("nothing", 0));
        Take(book, 1, "a", 5, 1);

        Assert.Equal((5UL, 0UL, 1UL), Take(book, 2, "a", 0, 1));
        Assert.Equal((0UL, 0UL, 0UL), Take(book, 3, "nothing", 0, 1));
        Assert.Equal((0UL, 0UL, 0UL), Take(book, 4, "nothing", 0, 1));

        book.Add(Note("b", 1));
        Assert.Equal("b", Known(book));
    }

    [Fact]
    public void Forget_removes_the_order()
    {
        FixOrderBook book = Book(10, ("a", 5), ("b", 5));

        book.Forget(Id("a"));
        book.Forget(Id("a"));

        Assert.Equal("b", Known(book));
        Assert.Equal(1, book.Count);
    }

    [Fact]
    public void TryRead_returns_the_order_that_ToBytes_wrote()
    {
        FixOrderNote note = Note("an order", 1_000) with { QuantityDecimals = 2 };

        Assert.True(FixOrderNote.TryRead(note.ToBytes(), 0, out FixOrderNote read));

        Assert.Equal((note.Id, note.Quantity, 2), (read.Id, read.Quantity, read.QuantityDecimals));
        Assert.Equal(note.ClientOrderId, read.ClientOrderId);
        Assert.False(FixOrderNote.TryRead([], 0, out _));
        Assert.False(FixOrderNote.TryRead([3, .. note.ToBytes()[1..]], 0, out _));
        Assert.False(FixOrderNote.TryRead((note with { QuantityDecimals = 19 }).ToBytes(), 0, out _));
        Assert.False(FixOrderNote.TryRead((note with { ClientOrderId = [] }).ToBytes(), 0, out _));
    }

    [Fact]
    public void Note_of_the_first_version_uses_the_current_decimals()
    {
        const int DecimalsPlace = 1 + 32 + sizeof(ulong);
        byte[] bytes = Note("an order", 1_000).ToBytes();
        byte[] first = [1, .. bytes[1..DecimalsPlace], .. bytes[(DecimalsPlace + 1)..]];

        Assert.True(FixOrderNote.TryRead(first, 4, out FixOrderNote read));

        Assert.Equal((1_000UL, 4), (read.Quantity, read.QuantityDecimals));
        Assert.Equal("an order"u8.ToArray(), read.ClientOrderId);
        Assert.False(FixOrderNote.TryRead(first.AsSpan(0, DecimalsPlace), 4, out _));
    }

    [Theory]
    [InlineData(150UL, 2, 2, 150UL)]
    [InlineData(150UL, 2, 4, 15_000UL)]
    [InlineData(150UL, 2, 1, 15UL)]
    [InlineData(150UL, 2, 0, null)]
    [InlineData(18UL, 0, 18, 18_000_000_000_000_000_000)]
    [InlineData(19UL, 0, 18, null)]
    public void TryScale_converts_the_quantity_exactly_or_fails(ulong quantity, int decimals, int today, ulong? expected)
    {
        FixOrderNote note = Note("a", quantity) with { QuantityDecimals = decimals };

        Assert.Equal(expected is not null, note.TryScale(today, out FixOrderNote scaled));

        Assert.Equal(expected is { } known ? (known, today) : default, (scaled.Quantity, scaled.QuantityDecimals));
    }

    private static FixOrderBook Book(int most, params (string Name, ulong Quantity)[] orders)
    {
        FixOrderBook book = new(most);
        foreach ((string name, ulong quantity) in orders)
        {
            book.Add(Note(name, quantity));
        }

        return book;
    }

    /// <summary>Reports a fill and returns the filled quantity, the open quantity and the average price.</summary>
    private static (ulong Filled, ulong Open, ulong Average) Take(FixOrderBook book, byte fill, string order, ulong quantity, ulong price)
    {
        FixFilled filled = Filled(fill, order, quantity, price);
        Assert.True(book.TryStand(filled, out FixStanding standing, out string? refusal), refusal);
        book.Take(filled);
        return (standing.Filled, standing.Open, standing.Average);
    }

    private static string? Refusal(FixOrderBook book, byte fill, string order, ulong quantity)
    {
        Assert.False(book.TryStand(Filled(fill, order, quantity, 1), out _, out string? refusal));
        return refusal;
    }

    private static string Known(FixOrderBook book)
    {
        return string.Join(' ', new[] { "a", "b", "c", "d", "e", "f" }.Where(name => book.TryStand(Filled(99, name, 0, 1), out _, out _)));
    }

    private static FixFilled Filled(byte fill, string order, ulong quantity, ulong price)
    {
        return new FixFilled(new FixId(fill, UInt128.Zero), Id(order), quantity, price);
    }

    private static FixId Id(string name)
    {
        byte[] id = new byte[32];
        Encoding.UTF8.GetBytes(name, id);
        return FixId.Of(id);
    }

    private static FixOrderNote Note(string name, ulong quantity)
    {
        return new FixOrderNote(Id(name), Encoding.UTF8.GetBytes(name), quantity, QuantityDecimals: 0);
    }
}
