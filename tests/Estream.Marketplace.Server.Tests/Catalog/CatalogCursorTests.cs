using Estream.Marketplace.Server.Catalog;
using Estream.Testing;

namespace Estream.Marketplace.Server.Tests.Catalog;

public sealed class CatalogCursorTests
{
    [Property(100, 20_000)]
    public void Any_text_is_read_without_an_exception(string? text)
    {
        bool isCursor = CatalogCursor.TryParse(text, out CatalogCursor? cursor);

        Assert.Equal(isCursor, cursor is not null);
        Assert.True(!isCursor || cursor!.ToString() == text);
    }

    [Property(100, 20_000)]
    public void A_cursor_survives_its_text(string? key)
    {
        string clean = (key ?? "").Replace("\n", "", StringComparison.Ordinal);
        if (clean.Any(char.IsSurrogate) || clean.Length > 200)
        {
            return;
        }

        CatalogCursor cursor = new(CatalogCursor.QueryOf("themes"), clean, "acme--card");

        Assert.True(CatalogCursor.TryParse(cursor.ToString(), out CatalogCursor? read));
        Assert.Equal(cursor, read);
    }

    [Fact]
    public void Queries_that_differ_only_in_the_place_of_a_text_have_different_digests() =>
        Assert.NotEqual(CatalogCursor.QueryOf("a", "bc"), CatalogCursor.QueryOf("ab", "c"));
}
