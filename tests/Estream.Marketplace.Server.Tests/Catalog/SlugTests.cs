using Estream.Marketplace.Server.Catalog;
using Estream.Testing;

namespace Estream.Marketplace.Server.Tests.Catalog;

public sealed class SlugTests
{
    [Theory]
    [InlineData("")]
    [InlineData("--card")]
    [InlineData("acme--")]
    [InlineData("@acme/card")]
    [InlineData("acme--card--x")]
    [InlineData("..")]
    public void A_text_that_is_not_a_slug_is_refused(string text) => Assert.False(Slug.TryParse(text, out _));

    [Theory]
    [InlineData("acme--card", "@acme/card")]
    [InlineData("gateway-lite", "gateway-lite")]
    public void A_slug_names_one_component(string slug, string name)
    {
        Assert.True(Slug.TryParse(slug, out ComponentName? read));
        Assert.Equal(name, read.ToString());
        Assert.Equal(slug, Slug.Of(read));
    }

    [Property(100, 20_000)]
    public void Any_text_is_read_without_an_exception(string? text) =>
        Assert.True(!Slug.TryParse(text, out ComponentName? name) || Slug.Of(name) == text);
}
