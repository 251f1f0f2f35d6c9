using System.Collections.Concurrent;

namespace Estream.Wire.Tests.Tables;

/// <summary>Goal: every object of a table is on exactly one page, whatever its key, and an answer never exceeds its limit.</summary>
public sealed class AdapterTableTests
{
    private readonly ConcurrentDictionary<string, int> _items = new();

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(AdapterTable.MaxRows + 1)]
    public void A_limit_out_of_range_is_refused(int limit) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Table().Read(new AdapterTableRequest("", limit, null)));

    [Theory]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a b")]
    public void A_name_that_does_not_fit_in_an_address_is_refused(string name) => Assert.Throws<ArgumentException>(() =>
        new AdapterTable(name, "Items", [], static () => 0, static _ => new AdapterTablePage([], 0, null)));

    [Theory]
    [InlineData(2, 2)]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    public void A_page_with_too_many_rows_or_values_names_the_table(int rows, int cells)
    {
        AdapterTable table = new("items", "Items", Columns, static () => 0, _ => new AdapterTablePage(
            [.. Enumerable.Range(0, rows).Select(_ => (IReadOnlyList<AdapterCell>)new AdapterCell[cells])], rows, null));

        InvalidOperationException failure =
            Assert.Throws<InvalidOperationException>(() => table.Read(new AdapterTableRequest("", 1, null)));

        Assert.Contains("'items'", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100)]
    [InlineData(1_000)]
    public void Pages_have_every_object_once_in_the_order_of_keys(int limit)
    {
        for (int i = 0; i < 100; i++)
        {
            _items[$"{i * 7919 % 100:D3}"] = i;
        }

        List<string> seen = [];
        string? after = null;
        do
        {
            AdapterTablePage page = Table().Read(new AdapterTableRequest("", limit, after));
            Assert.Equal(100, page.Total);
            Assert.InRange(page.Rows.Count, 1, limit);
            seen.AddRange(page.Rows.Select(row => row[0].Text!));
            after = page.Next;
        }
        while (after is not null);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i:D3}"), seen);
    }

    [Fact]
    public void A_search_finds_texts_and_numbers_ignoring_case_and_counts_all_matches()
    {
        for (int i = 0; i < 30; i++)
        {
            _items[$"Pump-{i}"] = 1_000 + i;
        }

        AdapterTablePage page = Table().Read(new AdapterTableRequest("pUMP-2", 3, null));
        Assert.Equal((3, 11, "Pump-21"), (page.Rows.Count, page.Total, page.Next));
        Assert.Equal("Pump-17", Assert.Single(Table().Read(new AdapterTableRequest("1017", 3, null)).Rows)[0].Text);
        AdapterTablePage none = Table().Read(new AdapterTableRequest("valve", 3, null));
        Assert.Equal((0, 0, null), (none.Rows.Count, none.Total, none.Next));
    }

    [Fact]
    public void Long_keys_with_the_same_start_have_short_cursors_and_lose_no_row()
    {
        string start = new('k', 65_000);
        for (int i = 0; i < 5; i++)
        {
            _items[start + i] = i;
        }

        HashSet<long?> seen = [];
        string? after = null;
        do
        {
            AdapterTablePage page = Table().Read(new AdapterTableRequest("", 2, after));
            seen.UnionWith(page.Rows.Select(row => row[1].Number));
            after = page.Next;
            Assert.True(after is null || after.Length <= 256);
        }
        while (after is not null);

        Assert.Equal(5, seen.Count);
    }

    [Fact]
    public void A_value_is_a_text_a_number_a_list_or_nothing()
    {
        AdapterCell[] cells =
        [
            "text", 7, 8L, (long?)null, (string?)null, AdapterCell.Of(["a", "b"]), AdapterCell.TimeOf(1_500_000), AdapterCell.TimeOf(0),
        ];

        Assert.Equal(["text", null, null, null, null, null, null, null], cells.Select(cell => cell.Text));
        Assert.Equal([null, 7, 8, null, null, null, 1, null], cells.Select(cell => cell.Number));
        Assert.Equal(["a", "b"], Assert.Single(cells, cell => cell.List is not null).List!);
    }

    private static AdapterColumn[] Columns =>
    [
        new("name", "Name", AdapterColumnKind.Id),
        new("number", "Number", AdapterColumnKind.Count),
    ];

    private AdapterTable Table() => AdapterTable.Of(
        "items", "Items", Columns, () => _items, static item => item.Key, static item => [item.Key, item.Value], () => _items.Count);
}
