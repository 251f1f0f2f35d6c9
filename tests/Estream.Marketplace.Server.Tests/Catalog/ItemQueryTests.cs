using Estream.Marketplace.Server.Catalog;
using Estream.Testing;

namespace Estream.Marketplace.Server.Tests.Catalog;

public sealed class ItemQueryTests
{
    private static readonly string[] s_names = ["q", "tier", "author", "license", "sort", "limit", "cursor", "other"];

    [Theory]
    [InlineData("limit", "0")]
    [InlineData("limit", "101")]
    [InlineData("limit", "-1")]
    [InlineData("limit", " 5")]
    [InlineData("sort", "size")]
    [InlineData("tier", "gold")]
    [InlineData("tier", "2")]
    [InlineData("author", "acme")]
    [InlineData("cursor", "AAAA")]
    [InlineData("order", "name")]
    [InlineData("q", "a b c d e f g h i")]
    public void An_invalid_parameter_is_refused_by_name(string name, string value)
    {
        Assert.False(ItemQuery.TryParse("themes", [KeyValuePair.Create(name, value)], out _, out string? fault));
        Assert.Contains($"'{name}'", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_repeated_parameter_is_refused() => Assert.False(ItemQuery.TryParse("themes",
        [KeyValuePair.Create("q", "a"), KeyValuePair.Create("q", "b")], out _, out _));

    [Fact]
    public void A_cursor_of_another_query_is_refused()
    {
        Assert.True(ItemQuery.TryParse("themes", [KeyValuePair.Create("q", "brass")], out ItemQuery? query, out _));
        string cursor = query.CursorAfter("@acme/card", "acme--card").ToString();

        Assert.True(IsQuery("themes", "brass"));
        Assert.False(IsQuery("themes", "iron"));
        Assert.False(IsQuery("skills", "brass"));

        bool IsQuery(string category, string words) => ItemQuery.TryParse(category,
            [KeyValuePair.Create("q", words), KeyValuePair.Create("cursor", cursor)], out _, out _);
    }

    [Property(100, 20_000)]
    public void Any_parameters_give_a_query_or_a_fault((byte Name, string? Value)[] parameters)
    {
        KeyValuePair<string, string>[] pairs =
            [.. parameters.Select(one => KeyValuePair.Create(s_names[one.Name % s_names.Length], one.Value ?? ""))];
        bool isQuery = ItemQuery.TryParse("themes", pairs, out ItemQuery? query, out string? fault);

        Assert.Equal(isQuery, query is not null);
        Assert.Equal(isQuery, fault is null);
    }
}
