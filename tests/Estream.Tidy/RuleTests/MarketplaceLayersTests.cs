using Estream.Tidy.Rules;

namespace Estream.Tidy.RuleTests;

public sealed class MarketplaceLayersTests
{
    private static readonly (string, string) s_package =
        ("src/Estream.Marketplace/Packaging/Package.cs", "namespace A; public sealed class Package;");

    [Fact]
    public void A_file_may_use_its_own_and_earlier_layers()
    {
        Assert.Empty(
            MarketplaceLayers.Check(
                Example.Of(s_package,
                    ("src/Estream.Marketplace/Client/Cache.cs", "namespace A; class Cache { Package? _one; Cache? _next; }"))));
    }

    [Theory]
    [InlineData("class Reader { Bundle? _one; }")]
    [InlineData("class Reader { int Size => Bundle.MaxBytes; }")]
    [InlineData("class Reader { System.Collections.Generic.List<Bundle>? _all; }")]
    public void A_type_of_a_later_layer_is_a_violation(string reader)
    {
        Example.AssertOne(
            MarketplaceLayers.Check(
                Example.Of(("src/Estream.Marketplace/Trust/Bundle.cs", "namespace A; class Bundle;"),
                    ("src/Estream.Marketplace/Packaging/Reader.cs", reader))),
            "src/Estream.Marketplace/Packaging/Reader.cs", "Packaging uses Bundle of Trust");
    }

    [Fact]
    public void A_file_outside_the_layers_is_a_violation()
    {
        Example.AssertOne(MarketplaceLayers.Check(Example.Of(("src/Estream.Marketplace/Names/Name.cs", "class Name;"))),
            "src/Estream.Marketplace/Names/Name.cs", "belongs to no layer");
    }
}
